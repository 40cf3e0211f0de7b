/** Which rows of a curve stay: by table, and for every curve. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { thin } from '../../src/numbers/thin.js';

const none = null;
const cases: [what: string, values: (number | null)[], most: number, rows: number[]][] = [
  ['no rows', [], 3, []],
  ['no more than may stay: all', [1, 9, none, 1], 4, [0, 1, 2, 3]],
  ['one: the last', [9, 1, 5, 5], 1, [3]],
  ['two: the highest and the last', [1, 9, 0, 5], 2, [1, 3]],
  ['two, the last the highest: the lowest with it', [1, 0, 5, 9], 2, [1, 3]],
  ['three: lowest, highest and last, in the order of the run', [1, 9, 0, 5], 3, [1, 2, 3]],
  ['the lowest may come before the highest', [5, 0, 9, 5], 3, [1, 2, 3]],
  ['of equal ones the first', [2, 7, 7, 1, 1, 2], 3, [1, 3, 5]],
  ['a row that is lowest and last stays once', [3, 2, 1, 0], 3, [0, 3]],
  ['a flat curve: the first and the last', [4, 4, 4, 4], 3, [0, 3]],
  ['four and five rows are still one bucket', [1, 9, 0, 5, 5, 5], 5, [1, 2, 5]],
  ['six: two buckets of as many rows', [5, 0, 9, 5, 7, 1, 8, 2], 6, [1, 2, 3, 5, 6, 7]],
  ['buckets that cannot be equal differ by one row', [0, 9, 5, 7, 1, 8, 2], 6, [0, 1, 2, 4, 5, 6]],
  ['a loss that diverged is the highest, and its first row stays', [1, 9, none, 2, none, 3], 3, [0, 2, 5]],
  ['nothing but losses that diverged', [none, none, none, none], 3, [0, 3]],
  ['what is not finite counts as diverged', [1, NaN, 9, Infinity, 2], 3, [0, 1, 4]],
  ['minus infinity is not a low loss', [1, 0, -Infinity, 9, 5], 3, [1, 2, 4]],
];

for (const [what, values, most, rows] of cases) {
  test(what, () => {
    assert.deepEqual(thin(values, most), rows);
  });
}

const value = fc.oneof({ weight: 5, arbitrary: fc.double({ noNaN: true }) }, fc.constant(null));
const curve = fc.array(value, { maxLength: 300 });

test('of every curve: no more rows than may stay, in order, each once, the last among them', () => {
  fc.assert(
    fc.property(curve, fc.integer({ min: 1, max: 320 }), (values, most) => {
      const rows = thin(values, most);
      assert.ok(rows.length <= most);
      assert.ok(rows.every((row, i) => row >= 0 && row < values.length && (i === 0 || row > rows[i - 1])));
      assert.equal(rows.at(-1), values.length > 0 ? values.length - 1 : undefined);
      if (values.length <= most) assert.equal(rows.length, values.length);
      assert.deepEqual(thin(values, most), rows);
    }),
  );
});

test('of every curve: where three rows or more may stay, those of each bucket span all that is lost', () => {
  const height = (each: number | null) => (each !== null && Number.isFinite(each) ? each : Infinity);
  fc.assert(
    fc.property(curve, fc.integer({ min: 3, max: 320 }), (values, most) => {
      const rows = thin(values, most);
      const buckets = values.length <= most ? values.length : Math.floor(most / 3);
      for (let k = 0; k < buckets; k++) {
        const [from, to] = [k, k + 1].map((edge) => Math.floor((edge * values.length) / buckets));
        const heights = values.slice(from, to).map(height);
        const kept = rows.filter((row) => row >= from && row < to).map((row) => height(values[row]));
        assert.deepEqual([Math.min(...kept), Math.max(...kept)], [Math.min(...heights), Math.max(...heights)]);
        assert.ok(rows.includes(to - 1));
      }
    }),
  );
});
