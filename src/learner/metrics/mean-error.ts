import { Mean } from './mean.js';
import type { Meter } from './metric.js';

/** A pass that takes the mean of all values' errors, each as `measure` weighs it; `last` is done to the mean. */
export function meanError(measure: (error: number) => number, last = (mean: number): number => mean): Meter {
  const mean = new Mean();
  return {
    update: (output, { y }) => output.forEach((value, i) => mean.add(measure(value - y[i]))),
    value: () => last(mean.value),
  };
}
