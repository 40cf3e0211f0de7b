import { permutation } from '../random.js';
import type { Batch, Dataset } from './types.js';

export interface LoaderOptions {
  dataset: Dataset;
  /** The rows of the data set to go through, in this order unless they are shuffled. */
  rows: Int32Array;
  batchSize: number;
  /** Another order every epoch: a function of seed and epoch alone. */
  shuffle?: boolean;
  /** Leave out the last batch where it is smaller than the others. */
  dropLast?: boolean;
  seed?: number;
}

/**
 * Goes through rows of a data set in batches.
 * A batch of consecutive rows is a view of the data set. Other batches are gathered into two buffers by turns, so a batch stays as it
 * is until the second one after it is taken: one may be put together while the one before it is in use. All are read only.
 */
export class BatchLoader {
  /** Batches an epoch. */
  readonly batches: number;
  /** The distinct numbers of rows that batches have, largest first. */
  readonly sizes: number[];

  /** Rows that it goes through; a last batch that is dropped counts. */
  readonly rows: number;

  private readonly buffers: [Buffers?, Buffers?] = [];

  constructor(private readonly options: LoaderOptions) {
    const { rows, batchSize, dropLast = false } = options;
    this.rows = rows.length;
    const whole = Math.floor(rows.length / batchSize);
    const rest = dropLast ? 0 : rows.length % batchSize;
    this.batches = whole + (rest > 0 ? 1 : 0);
    this.sizes = [...(whole > 0 ? [batchSize] : []), ...(rest > 0 ? [rest] : [])];
  }

  /** The batches of one epoch, from the `start`th on. */
  *epoch(epoch: number, start = 0): Generator<Batch, void, undefined> {
    const order = this.order(epoch);
    const { batchSize } = this.options;
    for (let i = start; i < this.batches; i++) {
      yield this.batch(order.subarray(i * batchSize, (i + 1) * batchSize), i);
    }
  }

  private order(epoch: number): Int32Array {
    const { rows, shuffle = false, seed = 0 } = this.options;
    if (!shuffle) return rows;
    return permutation(rows.length, { seed, purpose: 'order', index: epoch }).map((i) => rows[i]);
  }

  private batch(rows: Int32Array, i: number): Batch {
    const { dataset, batchSize } = this.options;
    if (isRun(rows)) return view(dataset, rows[0], rows.length);
    const buffers = (this.buffers[i % 2] ??= allocate(dataset, batchSize));
    const [width, height] = widths(dataset);
    gather(dataset.x, width, rows, buffers.x);
    gather(dataset.y, height, rows, buffers.y);
    return { rows: rows.length, x: buffers.x.subarray(0, rows.length * width), y: buffers.y.subarray(0, rows.length * height) };
  }
}

type Buffers = Pick<Batch, 'x' | 'y'>;

/** How many numbers a row has in x and in y. */
const widths = ({ rows, x, y }: Dataset): [number, number] => [x.length / rows, y.length / rows];

/** Whether rows are consecutive. */
const isRun = (rows: Int32Array): boolean => rows.every((row, i) => row === rows[0] + i);

function view(dataset: Dataset, first: number, rows: number): Batch {
  const [width, height] = widths(dataset);
  const end = first + rows;
  return { rows, x: dataset.x.subarray(first * width, end * width), y: dataset.y.subarray(first * height, end * height) };
}

function allocate(dataset: Dataset, rows: number): Buffers {
  const [width, height] = widths(dataset);
  return {
    x: dataset.x instanceof Uint8Array ? new Uint8Array(rows * width) : new Float32Array(rows * width),
    y: dataset.y instanceof Int32Array ? new Int32Array(rows * height) : new Float32Array(rows * height),
  };
}

/** Below this many numbers a row, copying one by one is faster than making a view of it. */
const narrow = 32;

function gather(from: Float32Array | Uint8Array | Int32Array, width: number, rows: Int32Array, to: Float32Array | Uint8Array | Int32Array): void {
  for (let i = 0; i < rows.length; i++) {
    const [source, target] = [rows[i] * width, i * width];
    if (width > narrow) to.set(from.subarray(source, source + width), target);
    else for (let j = 0; j < width; j++) to[target + j] = from[source + j];
  }
}
