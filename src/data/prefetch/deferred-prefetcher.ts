import { orderOf } from '../gather.js';
import type { Batch } from '../types.js';
import { Prefetcher, type PrefetcherOptions } from './prefetcher.js';
import { batchBytes, fillBatches, firstRows, slotsOf } from './ring.js';

/** Larger batches have the thread from the start: copying one takes a share of a step that can be seen. */
const largeBatchBytes = 2 ** 17;
/** Putting batches together may take so long in all before a thread does it: as long as it takes to start one. */
const patienceMs = 30;

/**
 * Batches as a Prefetcher gives them; but small ones are put together by their user, until that has taken so long that
 * a thread is worth its start. A short job has none, and its first batch waits for none.
 */
export class DeferredPrefetcher {
  private readonly prefetcher: Prefetcher;
  private readonly small: boolean;
  private spentMs = 0;
  /** Memory for chunks, used in turn: a batch stays as it is while the next one is used. */
  private slots: Batch[][] = [];
  private filled = 0;
  private ordered: { epoch: number; rows: Int32Array } | null = null;

  constructor(private readonly options: PrefetcherOptions) {
    this.prefetcher = new Prefetcher(options);
    this.small = batchBytes(options.dataset, options.batchSize) < largeBatchBytes;
  }

  /** Whether a thread puts the batches together that come next. */
  get threaded(): boolean {
    return !this.small || this.prefetcher.answers;
  }

  /** The batches of one epoch, from the `start`th on; @throws Error as Prefetcher does */
  *epoch(epoch: number, start: number): Generator<Batch, void, undefined> {
    const { batches, batchSize, order } = this.options;
    for (let first = start; first < batches;) {
      if (this.threaded) return yield* this.prefetcher.epoch(epoch, first);
      const slot = this.fill(order.shuffle ? epoch : 0, first);
      const end = Math.min(first + slot.length, batches);
      for (let i = first; i < end; i++)
        yield firstRows(slot[i - first], Math.min(batchSize, order.rows.length - i * batchSize));
      first = end;
    }
  }

  /** Starts the thread for large batches. */
  start(): void {
    if (!this.small) this.prefetcher.start();
  }

  /** Stops the thread, if there is one. */
  dispose(): void {
    this.prefetcher.dispose();
    this.slots = [];
    this.spentMs = 0;
  }

  private fill(epoch: number, first: number): Batch[] {
    const { dataset, batchSize, batches, order } = this.options;
    const began = performance.now();
    if (this.slots.length === 0) this.slots = slotsOf(dataset, batchSize, batches);
    if (this.ordered?.epoch !== epoch) this.ordered = { epoch, rows: orderOf(order, epoch) };
    const slot = this.slots[this.filled++ % this.slots.length];
    const { rows } = this.ordered;
    fillBatches(slot, { dataset, rows, batchSize }, first, Math.min(first + slot.length, batches));
    this.spentMs += performance.now() - began;
    if (this.spentMs > patienceMs) this.prefetcher.start();
    return slot;
  }
}
