/** A map of a plane that keeps lines straight, as a 3 × 3 matrix by rows: [x, y, 1] to [x', y', w']. */
export type Homography = readonly number[];

/** What leaves all points where they are. */
export const identity: Homography = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** First `b`, then `a`. */
export const compose = (a: Homography, b: Homography): Homography =>
  a.map((_, i) => [0, 1, 2].reduce((sum, k) => sum + a[i - (i % 3) + k] * b[k * 3 + (i % 3)], 0));

type Point = readonly [number, number];

/** What takes four points to four others: fastai's `find_coeffs`. @throws Error where three of them lie on a line */
export function betweenPoints(from: readonly Point[], to: readonly Point[]): Homography {
  const equations = from.flatMap(([x, y], i) => {
    const [u, v] = to[i];
    return [
      [x, y, 1, 0, 0, 0, -u * x, -u * y, u],
      [0, 0, 0, x, y, 1, -v * x, -v * y, v],
    ];
  });
  return [...solve(equations), 1];
}

/** Solves linear equations, each with its right side last, by Gauss's elimination. They are changed. */
function solve(equations: number[][]): number[] {
  const n = equations.length;
  for (let column = 0; column < n; column++) {
    const largest = equations
      .slice(column)
      .reduce((best, row) => (Math.abs(row[column]) > Math.abs(best[column]) ? row : best));
    if (largest[column] === 0) throw new Error('Three of the points are on a line');
    equations.splice(equations.indexOf(largest), 1);
    equations.splice(column, 0, largest);
    for (const row of equations) {
      if (row === largest) continue;
      const factor = row[column] / largest[column];
      for (let k = column; k <= n; k++) row[k] -= factor * largest[k];
    }
  }
  return equations.map((row, i) => row[n] / row[i]);
}
