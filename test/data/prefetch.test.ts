import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { BatchLoader } from '../../src/data/index.js';
import { orderOf } from '../../src/data/gather.js';
import { DeferredPrefetcher } from '../../src/data/prefetch/deferred-prefetcher.js';
import { Prefetcher } from '../../src/data/prefetch/prefetcher.js';
import { announce, createRing, words } from '../../src/data/prefetch/ring.js';
import type { ThreadData } from '../../src/data/prefetch/thread.js';
import { atOnce, telling, upTo } from './telling.js';

const [rows, width, batchSize, seed] = [1003, 300, 10, 7];
const dataset = telling(rows, width); // so wide that an epoch has several chunks
const order = { rows: Int32Array.from(upTo(rows)), shuffle: true, seed };
const batches = Math.ceil(rows / batchSize);
/** What gives batches: the thread's side alone, or what a Learner has. */
type Source = Pick<BatchLoader, 'epoch' | 'dispose'>;
const loaders: Source[] = [];
const disposed = <S extends Source>(loader: S): S => {
  loaders.push(loader);
  return loader;
};
const byThread = (): Source => disposed(new Prefetcher({ dataset, batchSize, batches, order }));
const byLoader = (): Source => disposed(new BatchLoader({ dataset, batchSize, ...order }));
after(() => {
  for (const loader of loaders) loader.dispose();
});

/** Goes through `count` batches, checking each. */
function checkBatches(loader: Source, epoch: number, start: number, count: number): void {
  const expected = orderOf(order, epoch);
  let i = start;
  for (const { rows, x, y } of atOnce(loader.epoch(epoch, start))) {
    const part = expected.subarray(i * batchSize, (i + 1) * batchSize);
    assert.deepEqual([rows, [...y]], [part.length, [...part]]);
    assert.ok(x.every((value, k) => value === part[Math.floor(k / width)] * width + (k % width)));
    if (++i === start + count) return;
  }
  assert.equal(i, batches);
}

for (const [what, shuffled] of [
  ['a thread puts together', byThread],
  ['are put together in place', byLoader],
] as const) {
  test(`batches that ${what} are those of the epoch, whichever is asked for, from wherever, however many before them were used`, () => {
    const visit = fc.record({
      epoch: fc.nat(3),
      start: fc.oneof(fc.constant(0), fc.nat(100)),
      count: fc.integer({ min: 1, max: 120 }),
    });
    fc.assert(
      fc.property(fc.array(visit, { minLength: 1, maxLength: 8 }), (visits) => {
        const loader = shuffled();
        for (const { epoch, start, count } of visits) checkBatches(loader, epoch, start, count);
        loader.dispose();
      }),
      { numRuns: 30 },
    );
  });

  test(`batches that ${what} go on from epoch to epoch, and after they were disposed of`, () => {
    const loader = shuffled();
    for (const epoch of [0, 1, 2]) checkBatches(loader, epoch, 0, Infinity);
    loader.dispose();
    for (const epoch of [3, 4]) checkBatches(loader, epoch, 0, Infinity);
  });
}

test('a loader has a thread once batches have taken long enough, and goes on with it in mid-epoch', () => {
  const loader = disposed(new DeferredPrefetcher({ dataset, batchSize, batches, order }));
  const isThreaded = (): boolean => loader.threaded;
  assert.equal(isThreaded(), false);
  for (let epoch = 0; !isThreaded(); epoch++) checkBatches(loader, epoch, 0, Infinity);
  for (const epoch of [2, 0, 1]) checkBatches(loader, epoch, 7, Infinity);
});

describe('batches that a thread puts together', () => {
  test('are made ahead of their use, as many chunks as there is room for beside those in use', () => {
    const ring = createRing(dataset, batchSize, 101);
    const { control, slots } = ring;
    const workerData: ThreadData = { dataset, order, batchSize, batches: 101, ring };
    const thread = new Worker(new URL('../../src/data/prefetch/thread.js', import.meta.url), { workerData });
    thread.unref();
    const waitFor = (made: number) => {
      for (let answers = 0; Atomics.load(control, words.made) < made;) {
        assert.notEqual(Atomics.wait(control, words.answers, answers, 30_000), 'timed-out');
        answers = Atomics.load(control, words.answers);
      }
    };
    Atomics.store(control, words.wanted, 1);
    announce(control, 'calls');
    waitFor(slots.length - 1);
    const third = [...slots[2][0].y];
    assert.deepEqual(third, [
      ...orderOf(order, 0)
        .subarray(2 * slots[0].length * batchSize)
        .subarray(0, batchSize),
    ]);
    assert.ok(
      slots[3][0].y.every((row) => row === 0),
      'the last slot is left alone',
    );
    Atomics.store(control, words.used, 1);
    announce(control, 'calls');
    waitFor(slots.length);
    assert.notDeepEqual(
      [...slots[3][0].y],
      Array.from({ length: batchSize }, () => 0),
    );
    void thread.terminate();
  });

  test('of rows that are not shuffled are the same in every epoch, so that those made ahead are used', () => {
    // As many batches as fit a chunk: an epoch that takes what lies ready has the slot after that of the epoch before.
    const reversed = Int32Array.from(upTo(8)).reverse();
    const thread = {
      dataset: telling(8, 3),
      batchSize: 4,
      batches: 2,
      order: { rows: reversed, shuffle: false, seed },
    };
    const loader = disposed(new Prefetcher(thread));
    const epochs = [0, 0, 1, 7].map((epoch) => [...atOnce(loader.epoch(epoch, 0))]);
    for (const epoch of epochs)
      assert.deepEqual(
        epoch.flatMap(({ y }) => [...y]),
        [...reversed],
      );
    const places = epochs.map(([{ x }]) => x.byteOffset);
    assert.equal(new Set(places).size, epochs.length, `each epoch lies in a slot of its own: ${places.join()}`);
  });

  test('are put together by their user where the thread has died, which is told as soon as it is known', async () => {
    const { stdout } = await runScript(`
      const loader = new Prefetcher({ dataset, batchSize: 4, batches: 25000, order: { rows, shuffle: true, seed: 7 } });
      const batches = loader.epoch(0, 0);
      const seen = [...batches.next().value.y];
      void loader.thread.worker.terminate();
      // Nothing of its death reaches this thread before the event loop turns, which it is kept from at most a second.
      const began = performance.now();
      while (performance.now() - began < 900) seen.push(...batches.next().value.y);
      const order = [...orderOf({ rows, shuffle: true, seed: 7 }, 0)].slice(0, seen.length);
      console.log(isDeepStrictEqual(seen, order.map((row) => row % 2)), performance.now() - began < 5000);
      while (loader.thread.ended === null) await setImmediate();
      try {
        for (const _ of batches);
      } catch ({ message }) {
        console.log(message);
      }`);
    assert.equal(stdout, 'true true\nThe thread that assembles batches died\n');
  });

  test('are refused with the error that the thread has died of', async () => {
    const { stdout } = await runScript(`
      const loader = new Prefetcher({ dataset, batchSize: 4, batches: 25000, order: { rows, shuffle: true, seed: 7n } });
      loader.start();
      while (loader.thread.ended === null) await setImmediate();
      try {
        loader.epoch(0, 0).next();
      } catch ({ message }) {
        console.log(message);
      }`);
    assert.match(stdout, /^The thread that assembles batches died: Cannot mix BigInt/);
  });

  test('do not keep a process alive', async () => {
    const { stdout } = await runScript(`
      const loader = new BatchLoader({ dataset, rows: Int32Array.of(5, 3, 1), batchSize: 2 });
      console.log([...loader.epoch(0)].map(({ rows }) => rows).join());`);
    assert.equal(stdout, '2,1\n');
  });
});

/** Runs a script in a process of its own, with a data set of 100,000 rows that are of the classes 0 and 1 in turn. */
function runScript(script: string): Promise<{ stdout: string }> {
  const url = (file: string) => new URL(`../../src/data/${file}`, import.meta.url).href;
  const head = `import { setImmediate } from 'node:timers/promises';
    import { isDeepStrictEqual } from 'node:util';
    import { BatchLoader } from '${url('index.js')}';
    import { orderOf } from '${url('gather.js')}';
    import { Prefetcher } from '${url('prefetch/prefetcher.js')}';
    const rows = Int32Array.from({ length: 100_000 }, (_, row) => row);
    const target = { kind: 'classes', classes: 2 };
    const x = new Float32Array(64 * rows.length);
    const dataset = { rows: rows.length, x_shape: [64], target, x, y: rows.map((row) => row % 2) };`;
  return promisify(execFile)(process.execPath, ['--input-type=module', '--eval', head + script], { timeout: 30_000 });
}
