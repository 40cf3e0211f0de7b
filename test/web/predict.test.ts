/** A drawn digit as the data set has them, and a finder's steepest part. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type * as SteepestModule from '../../web/src/charts/steepest.js';
import type * as BitmapModule from '../../web/src/predict/bitmap.js';
import { webModule } from './modules.js';

let bitmap: typeof BitmapModule;
let steepest: typeof SteepestModule;
before(async () => {
  bitmap = await webModule('predict/bitmap.ts');
  steepest = await webModule('charts/steepest.ts');
});

test('a stroke that is drawn small and in a corner is as high as the field, and in its middle', () => {
  const drawn = bitmap.stroke(bitmap.blank(), [3, 4], [3, 12]);
  const pixels = bitmap.pixels(drawn);
  assert.equal(pixels.length, 64);
  const rows = Array.from({ length: 8 }, (_, row) => pixels.slice(row * 8, row * 8 + 8));
  for (const row of rows.slice(1, 7)) assert.ok(row[3] + row[4] > 1.5, String(row));
  for (const row of rows) assert.deepEqual([row[0], row[7]], [0, 0]);
  assert.ok(pixels.every((one) => one >= 0 && one <= 1));
});

test('keys fill a block, and empty it again', () => {
  const filled = bitmap.toggled(bitmap.blank(), 2, 5);
  assert.equal(filled.filter((one) => one === 1).length, 16);
  assert.deepEqual(bitmap.toggled(filled, 2, 5), bitmap.blank());
  assert.deepEqual(
    bitmap.pixels(bitmap.blank()),
    Array.from({ length: 64 }, () => 0),
  );
});

test('the steepest part of a finder’s curve is where its loss falls most over the logarithm of the rate', () => {
  const lrs = Array.from({ length: 40 }, (_, i) => 10 ** (i / 10 - 4));
  const falls = [0.1, 0.5, 0.5, 0.5, 0.5, 0.1];
  const losses = lrs.map((_, i) => 3 - falls.slice(0, Math.max(0, i - 20)).reduce((sum, one) => sum + one, 0));
  assert.deepEqual(steepest.steepest(lrs, losses), { from: 21, to: 25 });
  assert.equal(steepest.steepest(lrs, lrs), undefined);
  const gaps = losses.map((one, i) => (i === 21 || i === 25 ? null : one));
  assert.deepEqual(steepest.steepest(lrs, gaps), { from: 22, to: 26 });
});
