import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BatchLoader, splitRows, splitSizes, type Dataset, type Split } from '../../src/data/index.js';
import { pointersOf } from '../problems.js';
import { atOnce, telling, upTo } from './telling.js';

const sorted = (rows: Iterable<number>) => [...rows].sort((a, b) => a - b);

describe('a split', () => {
  test('has every row once, the same for the same seed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.nat(2 ** 32 - 1),
        (rows, valid_pct, seed) => {
          const { train, valid } = splitRows(rows, { valid_pct, seed });
          assert.deepEqual(sorted([...train, ...valid]), upTo(rows));
          assert.equal(valid.length, Math.floor(valid_pct * rows));
          assert.deepEqual(splitSizes(rows, { valid_pct, seed }), { train: train.length, valid: valid.length });
          assert.deepEqual(splitRows(rows, { valid_pct, seed }), { train, valid });
        },
      ),
    );
  });

  test('by percentage is drawn at random', () => {
    const { valid } = splitRows(1000, { valid_pct: 0.2, seed: 42 });
    assert.notDeepEqual(sorted(valid), [...valid]);
    assert.notDeepEqual(valid, splitRows(1000, { valid_pct: 0.2, seed: 43 }).valid);
    assert.ok(valid.some((row) => row < 100) && valid.some((row) => row >= 900));
  });

  test('by number takes the first rows', () => {
    assert.deepEqual(splitRows(5, { train_rows: 3 }), { train: Int32Array.of(0, 1, 2), valid: Int32Array.of(3, 4) });
    assert.deepEqual(splitSizes(5, { train_rows: 5 }), { train: 5, valid: 0 });
  });

  const wrong: [Split, string][] = [
    [{ train_rows: 0 }, '/split/train_rows'],
    [{ train_rows: 6 }, '/split/train_rows'],
    [{ train_rows: 1.5 }, '/split/train_rows'],
    [{ valid_pct: 1, seed: 1 }, '/split/valid_pct'],
    [{ valid_pct: -0.1, seed: 1 }, '/split/valid_pct'],
    [{ valid_pct: 0.2, seed: -1 }, '/split/seed'],
  ];
  for (const [split, pointer] of wrong)
    test(`${JSON.stringify(split)} is refused`, () =>
      assert.deepEqual(
        pointersOf(() => splitRows(5, split)),
        [pointer],
      ));

  test('a percentage that is not a number is refused', () => {
    assert.throws(() => splitRows(5, { valid_pct: NaN, seed: 1 }), {
      code: 'invalid_spec',
      problems: [{ pointer: '/split/valid_pct', detail: 'must be a finite number, not NaN' }],
    });
  });
});

const loaders = fc.record({
  rows: fc.integer({ min: 1, max: 60 }),
  width: fc.constantFrom(1, 3, 64),
  batchSize: fc.integer({ min: 1, max: 20 }),
  shuffle: fc.boolean(),
  dropLast: fc.boolean(),
  split: fc.boolean(),
  epoch: fc.nat(5),
});

describe('a loader', () => {
  test('gives the rows once each, x and y together, in the sizes it says', () => {
    fc.assert(
      fc.property(loaders, ({ rows: n, width, batchSize, shuffle, dropLast, split, epoch }) => {
        const dataset = telling(n, width);
        const rows = split ? splitRows(n, { valid_pct: 0.3, seed: 5 }).train : splitRows(n, { train_rows: n }).train;
        const loader = new BatchLoader({ dataset, rows, batchSize, shuffle, dropLast, seed: 9 });
        const seen: number[] = [];
        const sizes: number[] = [];
        for (const batch of atOnce(loader.epoch(epoch))) {
          assert.equal(batch.x.length, batch.rows * width);
          assert.equal(batch.y.length, batch.rows);
          batch.y.forEach((row, i) =>
            assert.deepEqual(
              [...batch.x.subarray(i * width, (i + 1) * width)],
              upTo(width).map((j) => row * width + j),
            ),
          );
          seen.push(...batch.y);
          sizes.push(batch.rows);
        }
        assert.equal(sizes.length, loader.batches);
        assert.deepEqual([...new Set(sizes)], loader.sizes);
        loader.dispose();
        const whole = dropLast ? rows.length - (rows.length % batchSize) : rows.length;
        assert.equal(seen.length, whole);
        assert.equal(new Set(seen).size, whole);
        assert.ok(seen.every((row) => rows.includes(row)));
        if (!shuffle) assert.deepEqual(seen, [...rows.subarray(0, whole)]);
      }),
    );
  });

  const shuffled = () =>
    new BatchLoader({
      dataset: telling(50, 2),
      rows: splitRows(50, { train_rows: 50 }).train,
      batchSize: 8,
      shuffle: true,
      seed: 1,
    });
  const orderOf = (loader: BatchLoader, epoch: number) => [...orderedRows(loader, epoch)];
  function* orderedRows(loader: BatchLoader, epoch: number, start = 0) {
    for (const { y } of atOnce(loader.epoch(epoch, start))) yield* y;
  }

  test('shuffles anew every epoch, by seed and epoch alone', () => {
    const first = orderOf(shuffled(), 3);
    const other = shuffled();
    orderOf(other, 0);
    assert.deepEqual(orderOf(other, 3), first);
    assert.notDeepEqual(orderOf(other, 4), first);
  });

  test('goes on in the middle of an epoch', () => {
    const loader = shuffled();
    assert.deepEqual([...orderedRows(loader, 2, 4)], [...orderedRows(loader, 2)].slice(32));
  });

  test('gives consecutive rows as views of the data set, without a copy', () => {
    const dataset = telling(20, 3);
    const { train, valid } = splitRows(20, { train_rows: 12 });
    for (const rows of [train, valid]) {
      for (const { x, y } of atOnce(new BatchLoader({ dataset, rows, batchSize: 5 }).epoch(0))) {
        assert.equal(x.buffer, dataset.x.buffer);
        assert.equal(y.buffer, dataset.y.buffer);
      }
    }
  });

  test('leaves a batch alone while the next one is taken', () => {
    const batches = atOnce(shuffled().epoch(0));
    const first = batches.next().value!;
    const kept = [...first.x];
    batches.next();
    assert.deepEqual([...first.x], kept);
  });

  test('keeps bytes as bytes, and several values a row', () => {
    const dataset: Dataset = {
      rows: 4,
      x_shape: [2],
      target: { kind: 'values', outputs: 2 },
      x: Uint8Array.from(upTo(8)),
      y: Float32Array.from(upTo(8)),
    };
    const [batch] = new BatchLoader({ dataset, rows: Int32Array.of(3, 1), batchSize: 2 }).epoch(0);
    assert.deepEqual(batch, { rows: 2, x: Uint8Array.of(6, 7, 2, 3), y: Float32Array.of(6, 7, 2, 3) });
  });

  test('with too few rows has no batch where the last one is left out', () => {
    const loader = new BatchLoader({
      dataset: telling(4, 1),
      rows: Int32Array.of(0, 1, 2, 3),
      batchSize: 8,
      dropLast: true,
    });
    assert.deepEqual([loader.batches, loader.sizes, [...loader.epoch(0)]], [0, [], []]);
  });
});
