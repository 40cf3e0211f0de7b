/** Custom callbacks: the one that docs/callbacks.md shows, word for word, through the real server. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root, Server, temporaryFolder, type JobRecord } from './harness.js';
import { long } from './jobs.js';

const folder = temporaryFolder();
after(() => rmSync(folder, { recursive: true, force: true }));

function module(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const shown = /```js\n(.*?)```/s.exec(readFileSync(join(root, 'docs/callbacks.md'), 'utf8'))![1];
const plain = `
const halve = ({ optimizer }) => optimizer.setHyper('lr', optimizer.hypers.map(({ lr }) => lr / 2));
export const callbacks = { halve_lr: () => ({ callback: { name: 'halve_lr', before_epoch: halve } }) };`;

/** What each does to a finder and to a loss that is no number is theirs to say. */
const traits = `
const after = (n, { cancelFit }) => ({
  name: 'after', order: 70, after_batch: (learn) => { if (learn.fitIteration >= n) throw cancelFit(); },
});
export const callbacks = {
  stop_finder: { inFinder: true, create: ({ at }, cancel) => ({ callback: after(at, cancel) }) },
  no_finder: { create: () => ({ callback: { name: 'no_finder', before_fit() { throw new Error('it acts'); } } }) },
  sees_nan: { handlesNaN: true, create: ({ at }, cancel) => ({ callback: after(at, cancel) }) },
};`;

interface Problem {
  errors: { pointer: string; detail: string }[];
}
const withCallbacks = (...callbacks: object[]) => ({ ...long, callbacks });

test('modules that ONECYCLE_CALLBACKS names give jobs their callbacks', async (t) => {
  const server = await Server.start({
    env: {
      ONECYCLE_CALLBACKS: [
        module('stop-at-loss.mjs', shown),
        module('halve-lr.mjs', plain),
        module('traits.mjs', traits),
      ].join(','),
    },
  });
  try {
    await t.test('the one in the docs ends a fit at its threshold, its defaults filled in', async () => {
      const record = await server.run(withCallbacks({ name: 'stop_at_loss', threshold: 0.5 }));
      const { spec } = record as JobRecord & { spec: { callbacks: object[] } };
      assert.deepEqual(spec.callbacks, [{ name: 'stop_at_loss', threshold: 0.5, batches: 5 }]);
      const { loss } = await server.metrics(record.id);
      assert.ok(loss.length < record.progress.n_iteration / 2, `it stopped after ${loss.length} iterations`);
      assert.deepEqual(
        loss.slice(-6).map((value) => value < 0.5),
        [false, true, true, true, true, true],
      );
    });

    await t.test('one that is a function alone takes any arguments', async () => {
      const { id } = await server.run({
        ...withCallbacks({ name: 'halve_lr', anything: [1] }),
        policy: { name: 'fit', n_epoch: 3, lr: 0.08 },
      });
      const rates = (await server.metrics(id)).hypers.lr![0];
      assert.deepEqual([...new Set(rates)], [0.04, 0.02, 0.01]);
    });

    await t.test('in a finder act those that say so; what it found until then is its result', async () => {
      const callbacks = [{ name: 'stop_finder', at: 40 }, { name: 'no_finder' }];
      const { id } = await server.run({ ...long, policy: { name: 'lr_find' }, callbacks });
      assert.equal((await server.metrics(id)).loss.length, 40);
      const { result } = (await server.ok(`/jobs/${id}`)) as { result: Record<string, unknown> };
      assert.ok((result.suggestions as Record<string, number | null>).valley! > 0);
      assert.equal(result.stopped, undefined);
    });

    await t.test('one that sees to losses that are no number keeps the job from failing', async () => {
      const diverging = {
        policy: { name: 'fit', n_epoch: 100, lr: 1e6 },
        dataset: { builtin: 'synthetic' },
        model: { preset: 'linear' },
        optimizer: { name: 'sgd' },
      };
      const { id } = await server.run({ ...diverging, callbacks: [{ name: 'sees_nan', at: 100 }] });
      const { loss } = await server.metrics(id);
      assert.deepEqual([loss.length, loss.at(-1)], [100, null]);
    });

    await t.test('what is wrong is told with its pointer', async () => {
      const table: [callback: object, pointer: string, detail: RegExp][] = [
        [{ name: 'stop_at_loss' }, '/callbacks/0/threshold', /is required/],
        [{ name: 'stop_at_loss', threshold: -1 }, '/callbacks/0/threshold', /must be/],
        [{ name: 'stop_at_loss', threshold: 1, patience: 2 }, '/callbacks/0/patience', /threshold, batches/],
        [
          { name: 'stop_at_los', threshold: 1 },
          '/callbacks/0/name',
          /early_stopping.*stop_at_loss, halve_lr, stop_finder/,
        ],
      ];
      for (const [callback, pointer, detail] of table) {
        const { status, body } = await server.post('/jobs', withCallbacks(callback));
        const { errors } = body as Problem;
        assert.deepEqual([status, errors.map((error) => error.pointer)], [422, [pointer]]);
        assert.match(errors[0].detail, detail);
      }
    });
  } finally {
    await server.stop();
  }
});

test('a module that cannot be used ends the start with a line that says why', async () => {
  const table: [file: string, message: RegExp][] = [
    [join(folder, 'missing.mjs'), /missing\.mjs cannot be loaded/],
    [module('broken.mjs', 'export const callbacks = {'), /broken\.mjs cannot be loaded/],
    [module('nothing.mjs', 'export default 1'), /must export an object `callbacks`/],
    [module('no-create.mjs', 'export const callbacks = { mine: {} }'), /mine must be a function/],
    [module('built-in.mjs', 'export const callbacks = { save_best: () => ({}) }'), /already a callback save_best/],
    [
      module('bad-schema.mjs', "export const callbacks = { mine: { schema: 'x', create: () => ({}) } }"),
      /schema of mine/,
    ],
  ];
  for (const [file, message] of table)
    await assert.rejects(Server.start({ env: { ONECYCLE_CALLBACKS: file } }), message);
});
