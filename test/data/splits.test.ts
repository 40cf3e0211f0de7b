/** Splits that look at the data, beside the random one of batches.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitRows, type RowFacts, type Split } from '../../src/data/index.js';
import { sharesOf } from '../../src/data/split/stratified.js';

const sizes = { train: 0, valid: 0 };
const of = (rows: number, split: Split, facts: RowFacts) => {
  const { train, valid } = splitRows(rows, split, facts);
  return [[...train], [...valid]];
};

void test('stratified: every row once, every class in proportion, by seed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0, max: 0.9, noNaN: true }),
      fc.integer({ min: 0, max: 1000 }),
      (classes, valid_pct, seed) => {
        const labels = Int32Array.from(classes);
        const split = { stratified: true as const, valid_pct, seed };
        const [train, valid] = of(labels.length, split, { labels });
        assert.deepEqual(
          [...train, ...valid].sort((a, b) => a - b),
          [...labels.keys()],
        );
        assert.equal(valid.length, Math.floor(valid_pct * labels.length));
        for (const label of new Set(labels)) {
          const count = (rows: number[]) => rows.filter((row) => labels[row] === label).length;
          const exact = (count([...train, ...valid]) * valid.length) / labels.length;
          assert.ok(Math.abs(count(valid) - exact) < 1, `class ${label}: ${count(valid)} for ${exact}`);
        }
        assert.deepEqual(of(labels.length, split, { labels }), [train, valid]);
      },
    ),
  );
  const labels = Int32Array.from({ length: 100 }, (_, i) => i % 3);
  const rows = (seed: number) => of(100, { stratified: true, valid_pct: 0.3, seed }, { labels });
  assert.notDeepEqual(rows(1), rows(2));
});

void test('shares go to the largest remainders', () => {
  assert.deepEqual(sharesOf([50, 30, 20], 10), [5, 3, 2]);
  assert.deepEqual(sharesOf([2, 2, 2], 2), [1, 1, 0]);
  assert.deepEqual(sharesOf([1, 98, 1], 50), [1, 49, 0]);
});

void test('by a column, a list of files, folders, or a second data set', () => {
  const text = { name: 'v', type: 'text', codes: Int32Array.of(0, 1, -1, 2), texts: ['True', 'no', 'yes'] } as const;
  const column = { ...text, codes: text.codes, texts: [...text.texts] };
  assert.deepEqual(of(4, { column: 'v', sizes }, { column }), [
    [1, 2],
    [0, 3],
  ]);
  assert.deepEqual(of(4, { column: 'v', on: ['no'], sizes }, { column }), [[0, 2, 3], [1]]);
  const number = { name: 'v', type: 'number', values: Float64Array.of(0, 1, NaN) } as const;
  assert.deepEqual(of(3, { column: 'v', sizes }, { column: number }), [[0, 2], [1]]);
  const names = ['train/cat/1.png', 'valid/cat/1.png', 'test/cat/2.png', 'train/dog/3.png'];
  assert.deepEqual(of(4, { files: ['valid/cat/1.png', '3.png'], sizes }, { names }), [
    [0, 2],
    [1, 3],
  ]);
  assert.deepEqual(of(4, { folder: { train: 'train', valid: 'valid' }, sizes }, { names }), [[0, 3], [1]]);
  const stored = { sha256: '', rows: 2 };
  assert.deepEqual(of(5, { dataset: 'ds_1', sizes: { train: 3, valid: 2 }, stored }, {}), [
    [0, 1, 2],
    [3, 4],
  ]);
});
