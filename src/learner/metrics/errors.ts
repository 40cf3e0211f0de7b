import { Mean, type Metric } from './metric.js';

/** fastai's `mse`: the mean squared error of all values. */
export const mse = (): Metric => meanOf((error) => error * error);

/** fastai's `mae`: the mean absolute error of all values. */
export const mae = (): Metric => meanOf(Math.abs);

function meanOf(measure: (error: number) => number): Metric {
  const mean = new Mean();
  return {
    update: (output, { y }) => output.forEach((value, i) => mean.add(measure(value - y[i]))),
    value: () => mean.value,
  };
}
