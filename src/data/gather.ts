import { product } from '../numbers/nested.js';
import { permutation } from '../numbers/random.js';
import type { Batch, Dataset, MemoryDataset } from './types.js';

/** Which rows batches are made of, and in which order. */
export interface Order {
  rows: Int32Array;
  shuffle: boolean;
  seed: number;
}

/** The rows of an epoch in order: a function of seed and epoch alone. */
export const orderOf = ({ rows, shuffle, seed }: Order, epoch: number): Int32Array =>
  shuffle ? permutation(rows.length, { seed, purpose: 'order', index: epoch }).map((i) => rows[i]) : rows;

/** How many numbers a row has in x and in y. */
export const widths = ({ rows, x_shape, y }: Pick<Dataset, 'rows' | 'x_shape' | 'y'>): [number, number] => [
  product(x_shape),
  y.length / rows,
];

/** What of a data set in memory batches are put together from. */
export type Gathered = Pick<MemoryDataset, 'rows' | 'x_shape' | 'x' | 'y'>;

/** Copies rows of the data set to a batch of as many rows. */
export function gather(dataset: Gathered, rows: Int32Array, batch: Batch): void {
  const [width, height] = widths(dataset);
  gatherRows(dataset.x, width, rows, batch.x);
  gatherRows(dataset.y, height, rows, batch.y);
}

/** Below this many numbers a row, copying one by one is faster than making a view of it. */
const narrow = 32;

/** Copies rows of `width` numbers each. */
export function gatherRows(from: Batch['x' | 'y'], width: number, rows: Int32Array, to: Batch['x' | 'y']): void {
  for (let i = 0; i < rows.length; i++) {
    const [source, target] = [rows[i] * width, i * width];
    if (width > narrow) to.set(from.subarray(source, source + width), target);
    else for (let j = 0; j < width; j++) to[target + j] = from[source + j];
  }
}
