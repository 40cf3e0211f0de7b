/** What an attempt has trained since that was last told, for the service's counts. */
import type { JobSpec } from '../../request/spec.js';
import type { TrainerFrame } from '../frames.js';

/** As the script counts it: redis/scripts/running.ts. */
export interface TrainedSince {
  iterations: number;
  rows: number;
  seconds: number;
}

/** Counts, until it is asked. */
export class Trained {
  readonly #spec: Pick<JobSpec, 'batch_size' | 'drop_last'>;
  #rowsPerBatch: number;
  #iterations = 0;
  #toldMs: number;

  /** `ranMs`: how long the job ran before. */
  constructor(spec: Pick<JobSpec, 'batch_size' | 'drop_last'>, ranMs: number) {
    this.#spec = spec;
    this.#rowsPerBatch = spec.batch_size;
    this.#toldMs = ranMs;
  }

  /** Where the last batch of an epoch is smaller, a batch has so many rows on average. */
  knowRows(train: number): void {
    const { batch_size, drop_last } = this.#spec;
    if (!drop_last && train > 0) this.#rowsPerBatch = train / Math.ceil(train / batch_size);
  }

  hear(frame: TrainerFrame): void {
    if (frame.type === 'batches') this.#iterations += frame.iteration.length;
  }

  /** Since the last time; null where nothing was trained. */
  take(ranMs: number): TrainedSince | null {
    const iterations = this.#iterations;
    if (iterations === 0) return null;
    const seconds = (ranMs - this.#toldMs) / 1000;
    this.#iterations = 0;
    this.#toldMs = ranMs;
    return { iterations, rows: Math.round(iterations * this.#rowsPerBatch * 1000) / 1000, seconds };
  }
}
