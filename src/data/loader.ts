import { widths, type Order } from './gather.js';
import { DeferredPrefetcher } from './prefetch/deferred-prefetcher.js';
import { MadePrefetcher } from './prefetch/made-prefetcher.js';

import { isMade, type Batch, type Dataset, type MemoryDataset } from './types.js';

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
  /** Rows that are made are drawn anew every epoch, as their module's random transforms have it. */
  training?: boolean;
}

/**
 * Goes through rows of a data set in batches.
 * Batches of consecutive rows in memory are views of the data set. Others are put together by threads, while those
 * before them are in use, or in place while that takes less than starting a thread; such a batch stays as it is until the second one after it is taken. All are read only.
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

  private readonly source: BatchSource;

  constructor(options: LoaderOptions) {
    const { dataset, rows, batchSize, shuffle = false, dropLast = false, seed = 0, training = false } = options;
    this.rows = rows.length;
    this.indexes = rows;
    const whole = Math.floor(rows.length / batchSize);
    const rest = dropLast ? 0 : rows.length % batchSize;
    this.batches = whole + (rest > 0 ? 1 : 0);
    this.sizes = [...(whole > 0 ? [batchSize] : []), ...(rest > 0 ? [rest] : [])];
    // A batch takes memory for the rows that there are, not for all that it may have.
    const held = Math.max(1, Math.min(batchSize, rows.length));
    const plan = { order: { rows, shuffle, seed }, batchSize: held, batches: this.batches };
    this.source = sourceOf(dataset, plan, training);
  }

  /**
   * The batches of one epoch, from the `start`th on. Of rows that are made, one that is not there yet comes as a
   * promise, to be awaited before the next is asked for: meanwhile the event loop turns. Rows in memory are always
   * there.
   * @throws OnecycleError `bad_data` where a row cannot be made; Error where a thread has died
   */
  epoch(epoch: number, start = 0): Generator<Batch | Promise<Batch>, void, undefined> {
    return this.source.epoch(epoch, start);
  }

  /**
   * Starts its threads, if it needs some, so that the first batches are there when they are asked for. Else the first
   * epoch starts them.
   */
  start(): void {
    this.source.start();
  }

  /** Stops its threads, if it has some; the next epoch starts others. */
  dispose(): void {
    this.source.dispose();
  }
}

/** Where batches come from. */
interface BatchSource {
  epoch(epoch: number, start: number): Generator<Batch | Promise<Batch>, void, undefined>;
  start(): void;
  dispose(): void;
}

/** What batches an epoch has. */
interface Plan {
  order: Order;
  batchSize: number;
  batches: number;
}

function sourceOf(dataset: Dataset, plan: Plan, training: boolean): BatchSource {
  const { x } = dataset;
  const nothing = () => undefined;
  if (plan.batches === 0) return { *epoch() {}, start: nothing, dispose: nothing };
  if (isMade(x)) return new MadePrefetcher({ ...plan, dataset: { ...dataset, x }, training });
  const inMemory = { ...dataset, x };
  if (plan.order.shuffle || !isRun(plan.order.rows)) return new DeferredPrefetcher({ ...plan, dataset: inMemory });
  return { epoch: (_, start) => views(inMemory, plan, start), start: nothing, dispose: nothing };
}

/** Batches of consecutive rows, as they lie in memory. */
function* views(
  dataset: MemoryDataset,
  { order: { rows }, batchSize, batches }: Plan,
  start: number,
): Generator<Batch, void, undefined> {
  const [width, height] = widths(dataset);
  for (let i = start; i < batches; i++) {
    const from = rows[0] + i * batchSize;
    const to = Math.min(from + batchSize, rows[0] + rows.length);
    yield {
      rows: to - from,
      x: dataset.x.subarray(from * width, to * width),
      y: dataset.y.subarray(from * height, to * height),
    };
  }
}

/** Whether rows are consecutive. */
const isRun = (rows: Int32Array): boolean => rows.every((row, i) => row === rows[0] + i);
