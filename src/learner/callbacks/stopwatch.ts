import type { Callback } from '../events.js';
import type { Learner } from '../learner.js';
import type { Throughput } from '../../jobs/record.js';

/** The first steps warm up, and a long run needs no more than this many to say how it goes. */
const warmUp = 10;
const kept = 10_000;

/** Measures a run's throughput: the median time from one training batch to the next. */
export class Stopwatch implements Callback {
  readonly name = 'stopwatch';
  readonly order = 1000;
  readonly runValid = false;
  private readonly times: number[] = [];
  private last: number | null = null;
  private seen = 0;
  private rows = 0;

  before_train(): void {
    this.last = null; // validation lies between
  }

  after_batch({ batch }: Learner): void {
    const now = performance.now();
    if (this.last !== null && ++this.seen > warmUp) this.times[(this.seen - warmUp - 1) % kept] = now - this.last;
    this.last = now;
    this.rows = Math.max(this.rows, batch!.rows);
  }

  /** Null before there are steps enough to tell. */
  get throughput(): Throughput | null {
    const sorted = [...this.times].sort((a, b) => a - b);
    if (sorted.length === 0) return null;
    const step_ms = sorted[Math.floor(sorted.length / 2)];
    return { step_ms, rows_per_second: (1000 * this.rows) / step_ms };
  }
}
