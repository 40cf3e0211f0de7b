import { deepEqual, equal, ok } from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Column } from '../../web/src/charts/column.js';
import { gap, Points, pointsInView } from '../../web/src/charts/thin.js';

const values = fc.array(fc.oneof(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.constant(NaN)), {
  maxLength: 700,
});

/** By looking at each value. */
function plainly(of: readonly number[], from: number, to: number): { low: number; high: number } {
  const finite = of.slice(from, to).filter(Number.isFinite);
  return { low: Math.min(...finite), high: Math.max(...finite) };
}

describe('a column', () => {
  test('finds the extremes of any part, as it grows and goes back', () => {
    fc.assert(
      fc.property(values, values, fc.nat(), fc.nat(), fc.nat(), (first, second, cut, a, b) => {
        const column = Column.from(first);
        const found = { low: -1, high: -1 };
        column.extremes(0, column.length, found);
        const length = first.length === 0 ? 0 : cut % first.length;
        column.truncate(length);
        for (const value of second) column.push(value);
        const all = [...first.slice(0, Math.min(length, first.length)), ...second];
        deepEqual([...column.values()], all);
        const [from, to] = [a % (all.length + 1), b % (all.length + 1)].sort((x, y) => x - y);
        column.extremes(from, to, found);
        const expected = plainly(all, from, to);
        if (expected.low === Infinity) deepEqual(found, { low: -1, high: -1 });
        else deepEqual({ low: column.at(found.low), high: column.at(found.high) }, expected);
      }),
      { numRuns: 300 },
    );
  });
});

describe('thinning for drawing', () => {
  const view = { from: 0, to: 99_999, columns: 800 };
  const x = Column.from(Float64Array.from({ length: 100_000 }, (_, i) => i));
  const noise = Float64Array.from({ length: 100_000 }, (_, i) => Math.sin(i * 12.9898) * 0.5);

  test('keeps a spike of one iteration, wherever it is', () => {
    for (const at of [0, 1, 777, 50_000, 99_998, 99_999]) {
      const y = Column.from(noise.map((value, i) => (i === at ? 100 : value)));
      const points = new Points();
      pointsInView(x, y, view, points);
      const drawn = points.indexes.subarray(0, points.length);
      ok(drawn.includes(at), `the spike at ${at}`);
      ok(points.length <= 2 * (view.columns + 2), `${points.length} points`);
      ok(
        drawn.every((index, i) => i === 0 || index > drawn[i - 1]),
        'in order',
      );
    }
  });

  test('draws all where they are few, with one more on either side', () => {
    const points = new Points();
    pointsInView(x, Column.from(noise), { from: 10, to: 15, columns: 800 }, points);
    deepEqual([...points.indexes.subarray(0, points.length)], [9, 10, 11, 12, 13, 14, 15, 16]);
  });

  test('leaves a gap where values are not finite', () => {
    const y = Column.from([1, 2, NaN, 4]);
    const points = new Points();
    pointsInView(Column.from([0, 1, 2, 3]), y, { from: 0, to: 3, columns: 800 }, points);
    deepEqual([...points.indexes.subarray(0, points.length)], [0, 1, gap, 3]);
  });

  test('of sparse points none is a gap', () => {
    const points = new Points();
    const sparse = Column.from(Float64Array.from({ length: 3000 }, (_, i) => 2 ** (i / 200)));
    pointsInView(sparse, Column.from(noise.slice(0, 3000)), { from: 1, to: 2 ** 15, columns: 200, log: true }, points);
    ok(!points.indexes.subarray(0, points.length).includes(gap));
    ok(points.length > 300, 'each column of the logarithm has points');
  });

  test('fifty lines take little of a frame', () => {
    const y = Column.from(noise);
    const points = new Points();
    pointsInView(x, y, view, points);
    const start = performance.now();
    for (let line = 0; line < 50; line++) pointsInView(x, y, { ...view, from: 17 * line }, points);
    equal(points.length > 0, true);
    ok(performance.now() - start < 2000, 'where a plain scan of 5 million values takes longer');
  });
});
