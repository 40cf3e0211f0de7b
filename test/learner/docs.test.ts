/** What docs/callbacks.md says of a built-in callback's arguments is what its schema says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { callbacks } from '../../src/learner/index.js';
import { trackerArguments } from '../../src/learner/callbacks/tracker.js';
import { isObject } from '../../src/schema/json.js';
import { root } from '../e2e/harness.js';

const page = readFileSync(join(root, 'docs', 'callbacks.md'), 'utf8');

/** `name` and its default; what all trackers have goes by one word. */
function argumentsText(properties: object): string {
  const tracks = 'monitor' in properties;
  const own = Object.entries(properties).filter(([name]) => name !== 'name' && !(name in trackerArguments));
  const texts = own.map(([name, schema]) => {
    const standard = isObject(schema) && 'default' in schema ? ` ${String(schema.default)}` : '';
    return `\`${name}\`${standard}`;
  });
  return [...(tracks ? ['*tracker*'] : []), ...texts].join(', ');
}

const rows = [...page.matchAll(/^\| `(\w+)` \| ([^|]*)\|/gm)].map(([, name, args]) => [name, args.trim()] as const);

test('the table of built-in callbacks has their arguments and defaults', () => {
  assert.ok(rows.length >= 7);
  const schemas = new Map(callbacks.map(({ name, schema }): [string, object] => [name, schema.properties]));
  for (const [name, args] of rows) assert.equal(args, argumentsText(schemas.get(name) ?? {}), name);
});
