import { widths, type Order } from './gather.js';
import { Prefetcher } from './prefetch/prefetcher.js';
import type { Batch, Dataset } from './types.js';

/** What a loader goes through, and how. */
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
 * Batches of consecutive rows are views of the data set. Others are put together by a thread, while those before them
 * are in use; such a batch stays as it is until the second one after it is taken. All are read only.
 */
export class BatchLoader {
  /** Batches an epoch. */
  readonly batches: number;
  /** The distinct numbers of rows that batches have, largest first. */
  readonly sizes: number[];
  /** Rows that it goes through; a last batch that is dropped counts. */
  readonly rows: number;
  /** Which rows of the data set these are. */
  readonly indexes: Int32Array;

  private readonly prefetcher: Prefetcher | null;

  constructor(private readonly options: LoaderOptions) {
    const { dataset, rows, batchSize, shuffle = false, dropLast = false, seed = 0 } = options;
    this.rows = rows.length;
    this.indexes = rows;
    const whole = Math.floor(rows.length / batchSize);
    const rest = dropLast ? 0 : rows.length % batchSize;
    this.batches = whole + (rest > 0 ? 1 : 0);
    this.sizes = [...(whole > 0 ? [batchSize] : []), ...(rest > 0 ? [rest] : [])];
    const order: Order = { rows, shuffle, seed };
    const inPlace = this.batches === 0 || (!shuffle && isRun(rows));
    this.prefetcher = inPlace ? null : new Prefetcher({ dataset, order, batchSize, batches: this.batches });
  }

  /** The batches of one epoch, from the `start`th on. */
  epoch(epoch: number, start = 0): Generator<Batch, void, undefined> {
    return this.prefetcher?.epoch(epoch, start) ?? this.views(start);
  }

  /**
   * Starts its thread, if it needs one, so that the first batches are there when they are asked for. Else the first
   * epoch starts it.
   */
  start(): void {
    this.prefetcher?.start();
  }

  /** Stops its thread, if it has one; the next epoch starts another. */
  dispose(): void {
    this.prefetcher?.dispose();
  }

  private *views(start: number): Generator<Batch, void, undefined> {
    const { dataset, rows, batchSize } = this.options;
    const [width, height] = widths(dataset);
    for (let i = start; i < this.batches; i++) {
      const from = rows[0] + i * batchSize;
      const to = Math.min(from + batchSize, rows[0] + rows.length);
      yield {
        rows: to - from,
        x: dataset.x.subarray(from * width, to * width),
        y: dataset.y.subarray(from * height, to * height),
      };
    }
  }
}

/** Whether rows are consecutive. */
const isRun = (rows: Int32Array): boolean => rows.every((row, i) => row === rows[0] + i);
