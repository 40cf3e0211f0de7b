import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { orderOf } from '../../src/data/gather.js';
import { BatchLoader, fileRows, writeRows, type Batch, type Dataset } from '../../src/data/index.js';
import type { Telling } from './fixtures/telling-rows.js';
import { telling, upTo } from './telling.js';

const module = new URL('./fixtures/telling-rows.js', import.meta.url).href;
const loaders: BatchLoader[] = [];
after(() => {
  for (const loader of loaders) loader.dispose();
});

const [rows, width, batchSize, seed] = [203, 2000, 10, 7];
const all = Int32Array.from(upTo(rows));

const made = (options: Partial<Telling> = {}, expensive = true): Dataset => ({
  ...telling(rows, 1),
  x_shape: [width],
  x: { dtype: 'float32', module, options: { width, ...options }, expensive },
});

function loaderOf(dataset: Dataset, options: { shuffle?: boolean; training?: boolean } = {}): BatchLoader {
  const loader = new BatchLoader({ dataset, rows: all, batchSize, seed, ...options });
  loaders.push(loader);
  return loader;
}

/** Up to `count` batches, copied: they stand only for a while. */
async function take(batches: Iterable<Batch | Promise<Batch>>, count = Infinity): Promise<Batch[]> {
  const taken: Batch[] = [];
  for (const next of batches) {
    const batch = await next;
    taken.push({ rows: batch.rows, x: batch.x.slice(), y: batch.y.slice() });
    if (taken.length === count) break;
  }
  return taken;
}

/** Checks that batches are those of an epoch from `start` on, each row made for the place where it stands. */
function check(
  batches: Batch[],
  { epoch, training, start }: { epoch: number; training: boolean; start: number },
): void {
  const expected = orderOf({ rows: all, shuffle: training, seed }, epoch);
  for (const [i, { rows, x, y }] of batches.entries()) {
    const part = [...expected.subarray((start + i) * batchSize, (start + i + 1) * batchSize)];
    assert.deepEqual([rows, [...y]], [part.length, part]);
    for (const [k, row] of part.entries()) {
      const values = x.subarray(k * width, (k + 1) * width);
      assert.deepEqual([...values.subarray(0, 4)], [row, training ? epoch : 0, seed, Number(training)]);
      assert.ok(values.subarray(4).every((value) => value === row));
    }
  }
}

describe('rows that threads make', () => {
  for (const expensive of [true, false])
    test(`are those of the epoch, whichever is asked for, from wherever (${expensive ? 'many threads' : 'one'})`, async () => {
      const loader = loaderOf(made({}, expensive), { shuffle: true, training: true });
      const visit = fc.record({
        epoch: fc.nat(3),
        start: fc.oneof(fc.constant(0), fc.nat(20)),
        count: fc.integer({ min: 1, max: 21 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(visit, { minLength: 1, maxLength: 4 }), async (visits) => {
          for (const { epoch, start, count } of visits) {
            const batches = await take(loader.epoch(epoch, start), count);
            assert.equal(batches.length, Math.min(count, loader.batches - start));
            check(batches, { epoch, training: true, start });
          }
        }),
        { numRuns: 6 },
      );
    });

  test('that do not train are the same in every epoch', async () => {
    const loader = loaderOf(made());
    for (const epoch of [0, 1, 5]) check(await take(loader.epoch(epoch)), { epoch, training: false, start: 0 });
  });

  test('come epoch after epoch, and after the threads were stopped', async () => {
    const loader = loaderOf(made(), { shuffle: true, training: true });
    for (const epoch of [0, 1]) check(await take(loader.epoch(epoch)), { epoch, training: true, start: 0 });
    loader.dispose();
    check(await take(loader.epoch(2, 19)), { epoch: 2, training: true, start: 19 });
  });

  test('leave a batch alone while the next one is taken', async () => {
    const batches = loaderOf(made()).epoch(0);
    const first = await batches.next().value!;
    const kept = [...first.x];
    await batches.next().value!;
    assert.deepEqual([...first.x], kept);
  });

  test('fail where one cannot be made, after those before it', async () => {
    const taken: Batch[] = [];
    const takeAll = async () => {
      for (const next of loaderOf(made({ bad: 55 })).epoch(0)) {
        const { rows, x, y } = await next;
        taken.push({ rows, x: x.slice(), y: y.slice() });
      }
    };
    await assert.rejects(takeAll(), { code: 'bad_data', message: 'Row 55 is bad' });
    // Batches come in chunks.
    assert.ok(taken.length > 0 && taken.length <= 5, String(taken.length));
    check(taken, { epoch: 0, training: false, start: 0 });
  });

  test('fail where a thread has died', async () => {
    await assert.rejects(take(loaderOf(made({ deadly: 40 })).epoch(0)), /A thread that prepares rows died/);
    const missing = { ...made(), x: { dtype: 'float32', module: 'file:///nowhere.js', options: null } } as const;
    await assert.rejects(take(loaderOf(missing).epoch(0)), /died: Cannot find module/);
  });

  test('keep a process alive while they are waited for, and no longer', async () => {
    const url = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
    const script = `import { BatchLoader } from ${url('../../src/data/index.js')};
      const x = { dtype: 'float32', module: ${JSON.stringify(module)}, options: { width: 4 }, expensive: true };
      const dataset = { rows: 9, x_shape: [4], target: { kind: 'classes', classes: 9 }, x, y: new Int32Array(9) };
      const loader = new BatchLoader({ dataset, rows: Int32Array.of(8, 3, 1), batchSize: 2 });
      for await (const { rows, x } of loader.epoch(0)) console.log(rows, x[0]);`;
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { timeout: 30_000 });
    assert.equal(stdout, '2 8\n1 1\n');
  });
});

describe('rows in a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'onecycle-rows-'));
  after(() => rm(folder, { recursive: true }));
  const memory = telling(rows, 33);
  const parts = [0, 50, 51, 51, rows].map((row) => row * 33);

  for (const dtype of ['float32', 'uint8'] as const)
    test(`are those in memory, to the bit, from anywhere in an epoch: ${dtype}`, async () => {
      const x = dtype === 'float32' ? memory.x.map((value) => value / 7) : Uint8Array.from(memory.x, (value) => value);
      const path = join(folder, dtype);
      const written = await writeRows(
        path,
        33,
        parts.slice(1).map((to, i) => x.subarray(parts[i], to)),
      );
      assert.equal(written, rows);
      const file = { ...memory, x: await fileRows({ path, dtype, width: 33 }, rows) };
      for (const shuffle of [true, false])
        for (const [epoch, start] of [
          [0, 0],
          [1, 0],
          [2, 7],
        ]) {
          const expected = await take(loaderOf({ ...memory, x }, { shuffle }).epoch(epoch, start));
          assert.deepEqual(await take(loaderOf(file, { shuffle }).epoch(epoch, start)), expected);
        }
    });

  test('are written whole or not at all', async () => {
    const parts = function* () {
      yield new Float32Array(33);
      throw new Error('no more');
    };
    await assert.rejects(writeRows(join(folder, 'half'), 33, parts()), /no more/);
    await assert.rejects(writeRows(join(folder, 'half'), 33, [new Float32Array(34)]), /has no rows of 33/);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('half')),
      [],
    );
  });

  test('must be as many as the data set has', async () => {
    const path = join(folder, 'short');
    await writeRows(path, 4, [new Uint8Array(12)]);
    assert.equal((await stat(path)).size, 12);
    await fileRows({ path, dtype: 'uint8', width: 4 }, 3);
    await assert.rejects(fileRows({ path, dtype: 'uint8', width: 4 }, 4), { code: 'bad_data' });
  });
});
