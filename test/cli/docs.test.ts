/** The pages of docs/ say what the schemas say. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { docsPages } from '../../src/cli/docs/index.js';
import { typeText } from '../../src/cli/docs/json-schema.js';

test('the pages have what the schemas say: else run `npm run openapi`', async () => {
  for (const { file, text } of await docsPages())
    assert.ok((await readFile(file, 'utf8')) === text, `${file.pathname} is not up to date: run \`npm run openapi\``);
});

test('every argument says what it means', async () => {
  const rows = (await docsPages()).flatMap(({ text }) => text.split('\n').filter((line) => line.startsWith('| `')));
  assert.ok(rows.length > 100);
  assert.deepEqual(
    rows.filter((row) => row.endsWith('| |')),
    [],
  );
});

test('a type has its range', () => {
  const table: [schema: Parameters<typeof typeText>[0], text: string][] = [
    [{ type: 'boolean' }, 'boolean'],
    [{}, 'any JSON'],
    [{ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER }, 'integer ≥ 1'],
    [{ type: 'number', exclusiveMinimum: 0 }, 'number > 0'],
    [{ type: 'number', maximum: 1 }, 'number ≤ 1'],
    [{ type: 'number', exclusiveMinimum: 0, maximum: 1 }, 'number in (0, 1]'],
    [{ type: 'number', minimum: 0, exclusiveMaximum: 1 }, 'number in [0, 1)'],
    [{ type: 'string', enum: ['less', 'greater'] }, '`less`, `greater`'],
    [
      { type: 'array', items: { type: 'integer', minimum: 0 }, minItems: 1, maxItems: 4 },
      'list of 1 to 4 integers ≥ 0',
    ],
    [{ type: 'array', items: { type: 'array', items: { type: 'number' } } }, 'list of lists of numbers'],
    [{ anyOf: [{ type: 'number' }, { type: 'array', items: { type: 'number' } }] }, 'number or list of numbers'],
    [{ type: 'object', properties: { x: {}, y: {} } }, 'object with `x`, `y`, each: any JSON'],
  ];
  for (const [schema, text] of table) assert.equal(typeText(schema), text);
});
