/** Custom callbacks as a request names them: their modules loaded, their arguments checked and completed. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { OnecycleError } from '../../src/errors.js';
import type { JobRequest } from '../../src/request/body.js';
import { loadOwnCallbacks } from '../../src/request/own-callbacks.js';
import { resolveSpec } from '../../src/request/resolve.js';

const folder = mkdtempSync(join(tmpdir(), 'onecycle-callbacks-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function module(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const request = (...callbacks: JobRequest['callbacks'] & object): JobRequest => ({
  policy: { name: 'fit', n_epoch: 1 },
  dataset: { builtin: 'digits' },
  model: { preset: 'mlp' },
  callbacks,
});

/** A schema whose property counts how often somebody looks what type it has: a compiler does. */
const counting = `
let looks = 0;
const n = { get type() { looks++; return 'integer'; }, minimum: 1 };
const schema = { type: 'object', properties: { n, any: true, list: { type: 'array', default: [1] } }, required: ['n'] };
export const callbacks = { count: { schema, create: () => ({}) } };
export const looked = () => looks;
`;

test('a schema is compiled once, however many requests come', async () => {
  const file = module('count.mjs', counting);
  const own = await loadOwnCallbacks([file]);
  const { looked } = (await import(file)) as { looked: () => number };
  const resolve = () => resolveSpec(request({ name: 'count', n: 3 }), { own }).spec.callbacks;
  assert.deepEqual(resolve(), [{ name: 'count', list: [1], n: 3 }]);
  const atFirst = looked();
  assert.ok(atFirst > 0);
  for (let i = 0; i < 10; i++) resolve();
  assert.equal(looked(), atFirst);
});

test('what its schema does not list is refused; a default of one request is no other’s', async () => {
  const own = await loadOwnCallbacks([module('count-again.mjs', counting)]);
  const wrong = (args: object): string[] => {
    try {
      resolveSpec(request({ name: 'count', ...args }), { own });
      return [];
    } catch (error) {
      return (error as OnecycleError).problems.map(({ pointer }) => pointer);
    }
  };
  assert.deepEqual(wrong({ n: 1, any: 'thing' }), []);
  assert.deepEqual(wrong({ n: 0 }), ['/callbacks/0/n']);
  assert.deepEqual(wrong({ n: 1, m: 1 }), ['/callbacks/0/m']);
  const twice = request({ name: 'count', n: 1 }, { name: 'count', n: 1 });
  const [first, second] = resolveSpec(twice, { own }).spec.callbacks;
  (first.list as number[]).push(2);
  assert.deepEqual(second.list, [1]);
});

test('what a callback says of itself must be true or false', async () => {
  const file = module('traits.mjs', "export const callbacks = { mine: { inFinder: 'yes', create: () => ({}) } };");
  await assert.rejects(loadOwnCallbacks([file]), /`inFinder` and `handlesNaN` of mine must be true or false/);
});
