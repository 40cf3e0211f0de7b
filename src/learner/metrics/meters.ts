import type { Batch } from '../../data/index.js';
import { metrics, type MetricSpec, namedMetric } from './index.js';
import type { Meter } from './metric.js';

/** What metrics come to over some rows. */
export interface MeasuredValues {
  /** By name. */
  metrics: Record<string, number>;
  /** By true class, then by predicted class: how many rows. Only where it is asked for. */
  confusion_matrix?: number[][];
}

/** One pass of several metrics over rows. */
export class Meters {
  private readonly meters: readonly (readonly [name: string, Meter])[];

  /** Arguments that are left out take their defaults. */
  constructor(specs: readonly MetricSpec[]) {
    this.meters = specs.map((spec) => {
      const { name, ...args } = namedMetric(spec);
      return [name, metrics[name].start(args)] as const;
    });
  }

  /** Takes in a batch; `output` is [rows × outputs]. */
  update(output: Float32Array, batch: Batch): void {
    for (const [, meter] of this.meters) meter.update(output, batch);
  }

  /** Of all batches so far. */
  values(): MeasuredValues {
    const values: MeasuredValues = { metrics: {} };
    for (const [name, meter] of this.meters) {
      const value = meter.value();
      if (typeof value === 'number') values.metrics[name] = value;
      else values.confusion_matrix = value;
    }
    return values;
  }
}
