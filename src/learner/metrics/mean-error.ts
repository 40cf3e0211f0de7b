import { Mean } from './mean.js';
import type { Meter } from './metric.js';

/** A pass that takes the mean of all values' errors, each as `measure` weighs it. */
export function meanError(measure: (error: number) => number): Meter {
  const mean = new Mean();
  return {
    update: (output, { y }) => output.forEach((value, i) => mean.add(measure(value - y[i]))),
    value: () => mean.value,
  };
}
