import assert from 'node:assert/strict';
import type { Batch, MemoryDataset } from '../../src/data/index.js';

export const upTo = (n: number) => [...Array(n).keys()];

/** A data set whose numbers tell their row: x of row r is r·width … r·width + width - 1, y is r. */
export const telling = (rows: number, width: number): MemoryDataset => ({
  rows,
  x_shape: [width],
  target: { kind: 'classes', classes: rows },
  x: Float32Array.from(upTo(rows * width)),
  y: Int32Array.from(upTo(rows)),
});

/** Batches of rows in memory: none has to be waited for. */
export function* atOnce(batches: Iterable<Batch | Promise<Batch>>): Generator<Batch, void, undefined> {
  for (const batch of batches) {
    assert.ok(!(batch instanceof Promise), 'a batch of rows in memory is there at once');
    yield batch;
  }
}
