import type { Batch } from '../../data/index.js';
import { argmax } from './argmax.js';

/** Counts of rows by class: all that precision, recall and F1 need. */
export interface ClassCounts {
  /** Rows that are of the class, and were predicted so. */
  right: Float64Array;
  /** Rows that were predicted to be of the class. */
  predicted: Float64Array;
  /** Rows that are of the class. */
  actual: Float64Array;
}

/** Adds a batch to counts, which are made with the first one. */
export function addToCounts(counts: ClassCounts | null, output: Float32Array, { rows, y }: Batch): ClassCounts {
  const classes = output.length / rows;
  const zeros = () => new Float64Array(classes);
  const sums = counts ?? { right: zeros(), predicted: zeros(), actual: zeros() };
  for (let row = 0; row < rows; row++) {
    const guess = argmax(output, row * classes, classes);
    sums.predicted[guess]++;
    sums.actual[y[row]]++;
    if (guess === y[row]) sums.right[guess]++;
  }
  return sums;
}
