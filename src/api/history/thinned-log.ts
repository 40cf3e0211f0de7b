/**
 * A log's thinned curves by reading it once, from its end: what a rewind takes back is known before it comes, and with
 * the last iteration how many there are. So no row has to wait, and few frames are parsed.
 */
import { parseFrame, type EpochFrame, type Frame, type RewindFrame, type StoredFrame } from '../../jobs/index.js';
import type { CurveStore } from './curve-store.js';
import { Curves, type Part } from './curves.js';
import { Outliner, type HyperGroups } from './outline.js';
import { ThinnedRows } from './thinned-rows.js';

/** More points than these, and more epochs, do not stay in memory. */
const mostKept = 10_000;

type Batches = Extract<Frame, { type: 'batches' }>;

/** Where a row is: a frame, and the row's place in it. */
interface Place {
  frame: StoredFrame;
  index: number;
}

/** An epoch that is one only if rows below this iteration precede it. */
interface PendingEpoch {
  frame: EpochFrame;
  below: number;
}

/** A log that this way of reading does not suit: it is read as a whole. */
class Unsuitable extends Error {}

/**
 * A part of a log's curves by an empty store, from pages of the log, the last one first; null where the log must be read
 * as a whole: there is nothing to thin, too much would stay, or iterations do not follow one by one.
 */
export async function thinnedCurves(
  store: CurveStore,
  pages: AsyncIterable<readonly StoredFrame[]>,
  part: Part,
): Promise<Curves | null> {
  const { from = 0, to = Infinity, points = Infinity } = part;
  if (points > mostKept) return null;
  const log = new ThinnedLog({ from, to, points });
  try {
    for await (const page of pages) for (const frame of page.toReversed()) log.add(frame);
    return await Curves.ofThinned(store, part, await log.addTo(store));
  } catch (error) {
    if (error instanceof Unsuitable) return null;
    throw error;
  }
}

class ThinnedLog {
  readonly #part: Required<Part>;
  readonly #outliner = new Outliner();
  #rows: ThinnedRows<Place> | null = null;
  /** The iteration of the row that came last, which is the one after the next. */
  #next: number | null = null;
  /** What follows takes back all from this iteration, and from this epoch, on. */
  #takenBack = { iteration: Infinity, epoch: Infinity };
  #pending: PendingEpoch[] = [];
  #epochs: EpochFrame[] = [];
  #metrics: string | null = null;
  #hypers = new Map<string, number>();
  #lastHypers: HyperGroups = [];
  /** Rows that stay, the last one first; the frame of the last one that was added. */
  readonly #kept: Batches[] = [];
  #parsed: { seq: number; frame: Batches } | null = null;
  #thinned = 0;

  constructor(part: Required<Part>) {
    this.#part = part;
  }

  /** Adds the frame before the last one that was added. @throws Unsuitable */
  add(stored: StoredFrame): void {
    if (stored.type === 'batches') this.#addBatches(stored);
    else if (stored.type !== 'status') {
      const frame = parseFrame(stored);
      if (frame.type === 'epoch') this.#addEpoch(frame);
      else if (frame.type === 'rewind') this.#rewind(frame);
    }
  }

  /** Puts the rows and epochs into a store; returns how many rows thinning keeps. @throws Unsuitable */
  async addTo(store: CurveStore): Promise<number> {
    if (this.#next === null || this.#next > this.#part.from) throw new Unsuitable();
    if (this.#pending.some(({ below }) => below < Infinity)) throw new Unsuitable();
    for (const [name, groups] of this.#hypers) store.hypers.set(name, groups);
    for (const name of this.#metrics === null ? [] : (JSON.parse(this.#metrics) as string[])) store.metrics.add(name);
    await store.add(this.#kept.reverse());
    await store.add(this.#epochs.reverse().map((frame): Frame => ({ ...frame, seq: 0, attempt: 1 })));
    return this.#thinned;
  }

  #addBatches(stored: StoredFrame): void {
    const outline = this.#outliner.outlineOf(stored);
    if (!outline) throw new Unsuitable();
    const { first, raw_loss, hypers } = outline;
    this.#addHypers(hypers);
    this.#confirm(first);
    for (let index = Math.min(raw_loss.length, this.#takenBack.iteration - first) - 1; index >= 0; index--) {
      const iteration = first + index;
      this.#begin(iteration);
      if (this.#next !== null && iteration !== this.#next - 1) throw new Unsuitable();
      this.#next = iteration;
      const { from, to } = this.#part;
      const place = { frame: stored, index };
      if (iteration >= from && iteration <= to) this.#rows!.add(iteration - from, raw_loss[index], place);
      // The epochs of a range are those of its rows: which one is the first, and whether others are around it.
      if (iteration === to + 1 || iteration === from || iteration === from - 1) this.#keep(place);
    }
  }

  /** The first row to come is the last one of the log. */
  #begin(last: number): void {
    if (this.#rows) return;
    const { from, to, points } = this.#part;
    const count = Math.min(to, last) + 1 - from;
    if (count <= points) throw new Unsuitable();
    this.#rows = new ThinnedRows(count, points, (rows) => {
      this.#thinned += rows.length;
      for (const { place } of rows) this.#keep(place);
    });
  }

  #keep({ frame: stored, index }: Place): void {
    const frame = this.#parse(stored);
    const at = <T>(values: readonly T[]): T[] => [values[index]];
    // The first row of a range, that may have been kept already.
    if (this.#kept.at(-1)?.iteration[0] === frame.iteration[index]) return;
    this.#kept.push({
      ...frame,
      epoch: at(frame.epoch),
      iteration: at(frame.iteration),
      raw_loss: at(frame.raw_loss),
      loss: at(frame.loss),
      hypers: Object.fromEntries(Object.entries(frame.hypers).map(([name, groups]) => [name, groups.map(at)])),
    });
  }

  #parse(stored: StoredFrame): Batches {
    if (this.#parsed?.seq === stored.seq) return this.#parsed.frame;
    const frame = parseFrame(stored);
    if (frame.type !== 'batches') throw new Unsuitable();
    this.#parsed = { seq: stored.seq, frame };
    return frame;
  }

  /** Names stand in the order in which the log has them first. */
  #addHypers(hypers: HyperGroups): void {
    if (isSame(hypers, this.#lastHypers)) return;
    const later = this.#hypers;
    this.#hypers = new Map(hypers);
    for (const [name, groups] of later) this.#hypers.set(name, Math.max(groups, this.#hypers.get(name) ?? 0));
    this.#lastHypers = hypers;
  }

  #addEpoch(frame: EpochFrame): void {
    const metrics = JSON.stringify(Object.keys(frame.metrics));
    if (metrics !== (this.#metrics ??= metrics)) throw new Unsuitable();
    if (frame.epoch < this.#takenBack.epoch) this.#pending.push({ frame, below: Infinity });
  }

  /** Epochs have rows before them, that no rewind between has taken back. */
  #confirm(first: number): void {
    while (this.#pending.length > 0 && first < this.#pending[0].below) {
      const { frame } = this.#pending.shift()!;
      if (frame.epoch > (this.#epochs.at(-1)?.epoch ?? Infinity)) throw new Unsuitable();
      this.#epochs.push(frame);
    }
    if (this.#epochs.length > mostKept) throw new Unsuitable();
  }

  #rewind({ iteration, epoch }: RewindFrame): void {
    // Earlier versions did not say it.
    if (epoch === undefined) throw new Unsuitable();
    const back = this.#takenBack;
    this.#takenBack = { iteration: Math.min(iteration, back.iteration), epoch: Math.min(epoch, back.epoch) };
    for (const each of this.#pending) each.below = Math.min(each.below, iteration);
  }
}

const isSame = (a: HyperGroups, b: HyperGroups): boolean =>
  a.length === b.length && a.every(([name, groups], i) => name === b[i][0] && groups === b[i][1]);
