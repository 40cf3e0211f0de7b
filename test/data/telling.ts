import type { Dataset } from '../../src/data/index.js';

export const upTo = (n: number) => [...Array(n).keys()];

/** A data set whose numbers tell their row: x of row r is r·width … r·width + width - 1, y is r. */
export const telling = (rows: number, width: number): Dataset => ({
  rows,
  x_shape: [width],
  target: { kind: 'classes', classes: rows },
  x: Float32Array.from(upTo(rows * width)),
  y: Int32Array.from(upTo(rows)),
});
