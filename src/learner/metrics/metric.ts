import type { Batch } from '../../data/index.js';

/** What is measured over a validation set, batch by batch, in float64. A metric of one's own is a file like these and a line in the index. */
export interface Metric {
  /** `output` is [rows × outputs]. */
  update(output: Float32Array, batch: Batch): void;
  /** Of all batches so far; NaN where there was none. */
  value(): number;
}

/** A mean over values, however the batches cut them. */
export class Mean {
  private sum = 0;
  private count = 0;

  add(value: number, weight = 1): void {
    this.sum += value * weight;
    this.count += weight;
  }

  get value(): number {
    return this.sum / this.count;
  }
}
