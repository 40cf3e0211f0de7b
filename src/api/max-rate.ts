/**
 * At most so many `batches` frames a second: what comes faster is merged, and keeps its spikes and its newest batch.
 */
import { parseFrame, type Frame, type StoredFrame } from '../jobs/index.js';
import type { FrameProgress, MergedFrame } from '../jobs/frames.js';
import type { Cell } from './columns.js';
import { extremes } from '../numbers/thin.js';
import { within } from './within.js';

/**
 * Hands on at most `maxRate` `batches` frames a second, merged where more come, the newest at the latest when its time
 * has come. A frame of another kind, or the first of another phase or attempt, first brings what was merged till then,
 * so that the order stays.
 */
export async function* atMost(maxRate: number, frames: AsyncIterable<StoredFrame>): AsyncGenerator<StoredFrame> {
  const intervalMs = 1000 / maxRate;
  const iterator = frames[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<StoredFrame>> | null = null;
  const merger = new Merger();
  let dueMs = -Infinity;
  try {
    for (;;) {
      next ??= iterator.next();
      const result: IteratorResult<StoredFrame> | null = merger.empty
        ? await next
        : await within(next, dueMs - performance.now());
      if (result) next = null;
      const frame = result && !result.done ? result.value : null;
      const added = frame !== null && merger.add(frame);
      if (added && performance.now() < dueMs) continue;
      const merged = merger.take();
      if (merged) {
        yield merged;
        dueMs = performance.now() + intervalMs;
      }
      if (result?.done) return;
      if (frame && !added && !merger.add(frame)) yield frame;
    }
  } finally {
    await iterator.return?.();
  }
}

/** One iteration of some columns. */
interface Row {
  iteration: number;
  epoch: number;
  raw_loss: Cell;
  loss: Cell;
  seconds: Cell;
  hypers: Map<string, Cell[]>;
}

/** What is kept of consecutive frames. */
interface Digest {
  phase: number;
  attempt: number;
  iterations: number;
  /** Those where `raw_loss` is lowest, highest and last, in order. */
  rows: Row[];
  /** That of the last of them. */
  progress?: FrameProgress;
}

type Batches = Extract<Frame, { type: 'batches' }>;

/** Makes one frame of consecutive ones. */
class Merger {
  #first: StoredFrame | null = null;
  #last: StoredFrame | null = null;
  /** null for a frame that stands alone: it goes as it is. */
  #digest: Digest | null = null;

  get empty(): boolean {
    return this.#first === null;
  }

  /** Adds a frame; false where it does not go with those that are there: it has no batches, or others' batches. */
  add(frame: StoredFrame): boolean {
    if (frame.type !== 'batches') return false;
    if (this.#first) {
      const [so, far] = [this.#digest ?? digestOf(this.#first), digestOf(frame)];
      if (so.phase !== far.phase || so.attempt !== far.attempt) return false;
      this.#digest = {
        ...far,
        iterations: so.iterations + far.iterations,
        rows: kept([...so.rows, ...far.rows]),
      };
    }
    this.#first ??= frame;
    this.#last = frame;
    return true;
  }

  /** The frame that was made, if there is one; it begins anew. */
  take(): StoredFrame | null {
    const [first, last, digest] = [this.#first, this.#last, this.#digest];
    this.#first = this.#last = this.#digest = null;
    return first && last && digest ? mergedFrame(first.seq, last.seq, digest) : first;
  }
}

function mergedFrame(from: number, seq: number, { phase, attempt, iterations, rows, progress }: Digest): StoredFrame {
  const left_out = iterations - rows.length;
  const frame: MergedFrame = {
    type: 'batches',
    seq,
    from,
    left_out,
    phase,
    ...columns(rows),
    attempt,
    ...(progress && { progress }),
  };
  return { seq, from, type: 'batches', last: false, json: JSON.stringify(frame) };
}

/** Many clients may merge one frame. */
const digests = new WeakMap<StoredFrame, Digest>();

function digestOf(stored: StoredFrame): Digest {
  const known = digests.get(stored);
  if (known) return known;
  const frame = parseFrame(stored);
  if (frame.type !== 'batches') throw new RangeError(`No batches: ${frame.type}`);
  const { phase, attempt, iteration, progress } = frame;
  const rows = kept(iteration.map((_, i) => rowOf(frame, i)));
  const digest = { phase, attempt, iterations: iteration.length, rows, progress };
  digests.set(stored, digest);
  return digest;
}

const rowOf = ({ iteration, epoch, raw_loss, loss, hypers, progress }: Batches, i: number): Row => ({
  iteration: iteration[i],
  epoch: epoch[i],
  raw_loss: raw_loss[i],
  loss: loss[i],
  seconds: progress?.seconds ?? null,
  hypers: new Map(Object.entries(hypers).map(([name, groups]) => [name, groups.map((values) => values[i] ?? null)])),
});

/** Of rows that are in order those with the lowest, highest and last loss. */
function kept(rows: readonly Row[]): Row[] {
  const losses = rows.map(({ raw_loss }) => raw_loss);
  const extreme = new Set(extremes(losses, 0, losses.length));
  return rows.filter((_, i) => extreme.has(i));
}

function columns(
  rows: readonly Row[],
): Pick<MergedFrame, 'epoch' | 'iteration' | 'raw_loss' | 'loss' | 'seconds' | 'hypers'> {
  const groups = new Map(rows.flatMap(({ hypers }) => [...hypers].map(([name, row]) => [name, row.length] as const)));
  const column = (name: string, group: number): Cell[] => rows.map(({ hypers }) => hypers.get(name)?.[group] ?? null);
  return {
    epoch: rows.map(({ epoch }) => epoch),
    iteration: rows.map(({ iteration }) => iteration),
    raw_loss: rows.map(({ raw_loss }) => raw_loss),
    loss: rows.map(({ loss }) => loss),
    seconds: rows.map(({ seconds }) => seconds),
    hypers: Object.fromEntries(
      [...groups].map(([name, count]) => [name, Array.from({ length: count }, (_, group) => column(name, group))]),
    ),
  };
}
