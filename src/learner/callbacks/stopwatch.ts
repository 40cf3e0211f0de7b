import type { Callback } from '../events.js';
import type { LearnerView } from '../view.js';

/** The first steps warm up, and a long run needs no more than this many to say how it goes. */
const warmUpSteps = 10;
const keptSteps = 10_000;

/** How fast a run is: the median step, and the rows of full batches that this makes a second. */
export interface Throughput {
  step_ms: number;
  rows_per_second: number;
}

/** Measures a run's throughput: the median time from one training batch to the next. */
export class Stopwatch implements Callback {
  readonly name = 'stopwatch';
  readonly order = 1000;
  readonly runValid = false;
  private readonly timesMs: number[] = [];
  private lastMs: number | null = null;
  private seen = 0;
  private rows = 0;

  before_train(): void {
    this.lastMs = null; // validation lies between
  }

  after_batch({ batch }: LearnerView): void {
    const nowMs = performance.now();
    if (this.lastMs !== null && ++this.seen > warmUpSteps)
      this.timesMs[(this.seen - warmUpSteps - 1) % keptSteps] = nowMs - this.lastMs;
    this.lastMs = nowMs;
    this.rows = Math.max(this.rows, batch!.rows);
  }

  /** Null before there are steps enough to tell. */
  get throughput(): Throughput | null {
    const sorted = [...this.timesMs].sort((a, b) => a - b);
    if (sorted.length === 0) return null;
    const step_ms = sorted[Math.floor(sorted.length / 2)];
    return { step_ms, rows_per_second: (1000 * this.rows) / step_ms };
  }
}
