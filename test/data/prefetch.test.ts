import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { BatchLoader } from '../../src/data/index.js';
import { orderOf } from '../../src/data/gather.js';
import { announce, createRing, words } from '../../src/data/prefetch/ring.js';
import type { ThreadData } from '../../src/data/prefetch/thread.js';
import { telling, upTo } from './telling.js';

const [rows, width, batchSize, seed] = [1003, 300, 10, 7];
const dataset = telling(rows, width); // so wide that an epoch has several chunks
const order = { rows: Int32Array.from(upTo(rows)), shuffle: true, seed };
const loaders: BatchLoader[] = [];
const shuffled = () => {
  const loader = new BatchLoader({ dataset, batchSize, ...order });
  loaders.push(loader);
  return loader;
};
after(() => {
  for (const loader of loaders) loader.dispose();
});

/** Goes through `count` batches, checking each. */
function checkBatches(loader: BatchLoader, epoch: number, start: number, count: number): void {
  const expected = orderOf(order, epoch);
  let i = start;
  for (const { rows, x, y } of loader.epoch(epoch, start)) {
    const part = expected.subarray(i * batchSize, (i + 1) * batchSize);
    assert.deepEqual([rows, [...y]], [part.length, [...part]]);
    assert.ok(x.every((value, k) => value === part[Math.floor(k / width)] * width + (k % width)));
    if (++i === start + count) return;
  }
  assert.equal(i, loader.batches);
}

describe('batches that a thread puts together', () => {
  test('are those of the epoch, whichever is asked for, from wherever, and however many of those before were used', () => {
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

  test('go on from epoch to epoch, and after the thread was stopped', () => {
    const loader = shuffled();
    for (const epoch of [0, 1, 2]) checkBatches(loader, epoch, 0, Infinity);
    loader.dispose();
    for (const epoch of [3, 4]) checkBatches(loader, epoch, 0, Infinity);
  });

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

  test('do not keep a process alive', async () => {
    const url = new URL('../../src/data/index.js', import.meta.url).href;
    const script = `import { BatchLoader, loadDataset } from '${url}';
      const dataset = loadDataset({ random: { shape: [4], rows: 100, classes: 2 } });
      const loader = new BatchLoader({ dataset, rows: Int32Array.of(5, 3, 1), batchSize: 2 });
      console.log([...loader.epoch(0)].map(({ rows }) => rows).join());`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
      timeout: 30_000,
    });
    assert.equal(stdout, '2,1\n');
  });
});
