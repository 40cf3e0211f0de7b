import { orderOf, gatherRows, widths, type Order } from '../gather.js';
import type { Batch, Dataset, MadeRows } from '../types.js';
import { Crew, type Chunk } from './crew.js';
import { firstRows, slotsOf } from './ring.js';

/** What a MadePrefetcher goes through. */
export interface MadePlan {
  dataset: Dataset & { x: MadeRows };
  order: Order;
  batchSize: number;
  batches: number;
  training: boolean;
}

/** The chunk that comes next: its epoch, and its first batch. */
interface Place {
  epoch: number;
  first: number;
}

/** What the threads are at work on, and what they may be given. */
interface Started {
  crew: Crew;
  /** Chunks that are on their way, in order. */
  ahead: Chunk[];
  /** The chunk in use and the one before it, which still stands. */
  held: Chunk[];
  next: Place;
}

/**
 * Batches of rows that are made as they are needed, by threads, ahead of their use. Which thread makes a row, and when,
 * changes nothing in it.
 */
export class MadePrefetcher {
  private started: Started | null = null;
  /** The order whose first batch comes next; null where the threads are somewhere else. */
  private upcoming: number | null = null;
  private ordered: { epoch: number; rows: Int32Array } | null = null;

  constructor(private readonly plan: MadePlan) {}

  /**
   * The batches of one epoch, from the `start`th on; a promise of one that is not there yet. One epoch at a time.
   * @throws OnecycleError `bad_data` where a row cannot be made; Error where a thread has died. A promise is rejected
   *   with these
   */
  *epoch(epoch: number, start: number): Generator<Batch | Promise<Batch>, void, undefined> {
    const { batches } = this.plan;
    const wanted = this.changes ? epoch : 0;
    const started = this.start();
    if (this.upcoming !== wanted || start !== 0) this.ask(started, { epoch: wanted, first: start });
    this.upcoming = null; // until it has been gone through
    for (let first = start; first < batches;) {
      const taken = this.takeNow(started) ?? this.take(started);
      const { length } = started.crew.slots[0];
      for (let i = first; i < Math.min(first + length, batches); i++)
        yield taken instanceof Promise
          ? taken.then((slot) => this.batchOf(slot, first, i))
          : this.batchOf(taken, first, i);
      first += length;
    }
    this.upcoming = this.changes ? epoch + 1 : 0;
  }

  /** Starts the threads, unless they run, on the first batches. */
  start(): Started {
    if (this.started !== null) return this.started;
    const { dataset, batchSize, batches, order, training } = this.plan;
    const crew = new Crew(dataset.x, slotsOf(dataset, batchSize, batches), { seed: order.seed, training });
    this.started = { crew, ahead: [], held: [], next: { epoch: 0, first: 0 } };
    this.upcoming = 0;
    this.giveOut(this.started);
    return this.started;
  }

  /** Stops the threads; the next epoch starts others. */
  dispose(): void {
    this.started?.crew.end();
    this.started = null;
  }

  /** Whether an epoch's batches are others than those of the one before. */
  private get changes(): boolean {
    return this.plan.order.shuffle || this.plan.training;
  }

  private batchOf(slot: Batch[], first: number, i: number): Batch {
    const { order, batchSize } = this.plan;
    return firstRows(slot[i - first], Math.min(batchSize, order.rows.length - i * batchSize));
  }

  /** Goes on from another place: what the threads are at work on is left, and its slots are free as soon as it is. */
  private ask(started: Started, place: Place): void {
    started.crew.leaveAll();
    started.ahead = [];
    started.next = place;
    this.giveOut(started);
  }

  /** Gives the threads as many chunks as there is room for. */
  private giveOut(started: Started): void {
    const { crew, ahead, held } = started;
    for (;;) {
      const slot = crew.free.find((free) => ![...ahead, ...held].some((chunk) => chunk.slot === free));
      if (slot === undefined) return;
      ahead.push(this.post(started, slot));
    }
  }

  private post(started: Started, slot: number): Chunk {
    const { dataset, batchSize, batches } = this.plan;
    const { crew, next } = started;
    const slotBatches = crew.slots[slot];
    const end = Math.min(next.first + slotBatches.length, batches);
    const rows = this.rowsOf(next.epoch).slice(next.first * batchSize, end * batchSize);
    const [, height] = widths(dataset);
    for (const [i, { y }] of slotBatches.entries())
      gatherRows(dataset.y, height, rows.subarray(i * batchSize, (i + 1) * batchSize), y);
    const chunk = crew.post({ slot, epoch: next.epoch, rows, batchSize });
    started.next = end < batches ? { ...next, first: end } : { epoch: this.changes ? next.epoch + 1 : 0, first: 0 };
    return chunk;
  }

  private rowsOf(epoch: number): Int32Array {
    if (this.ordered?.epoch !== epoch) this.ordered = { epoch, rows: orderOf(this.plan.order, epoch) };
    return this.ordered.rows;
  }

  /** The next chunk, if it is there. */
  private takeNow(started: Started): Batch[] | undefined {
    const { crew, ahead, held } = started;
    if (ahead.length === 0 || !crew.isMade(ahead[0])) return undefined;
    const chunk = ahead.shift()!;
    held.push(chunk);
    if (held.length > 2) held.shift();
    this.giveOut(started);
    return crew.slots[chunk.slot];
  }

  /** The next chunk, as soon as it is there. */
  private async take(started: Started): Promise<Batch[]> {
    for (;;) {
      const taken = this.takeNow(started);
      if (taken !== undefined) return taken;
      await started.crew.news();
      this.giveOut(started);
    }
  }
}
