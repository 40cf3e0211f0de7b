import type { Batch, Target } from '../../data/index.js';

/**
 * Something measured over the validation rows after each epoch. A new one is a file beside these, and a line in the
 * table.
 */
export interface Metric {
  readonly description: string;
  /** What a model must predict for it to make sense. */
  readonly target: Target['kind'];
  /** Whether less is better: an error, not a score. */
  readonly lessIsBetter: boolean;
  /** Begins one pass over the validation rows. */
  start(): Meter;
}

/** One pass of a metric over rows, batch by batch, in float64. */
export interface Meter {
  /** Takes in a batch; `output` is [rows × outputs]. */
  update(output: Float32Array, batch: Batch): void;
  /** Of all batches so far; NaN where there was none. */
  value(): number;
}
