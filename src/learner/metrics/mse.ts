import { meanError } from './mean-error.js';
import { defineMetric } from './metric.js';

/** fastai's `mse`: the mean squared error of all values. */
export const mse = defineMetric({
  description: 'The mean squared error of all values',
  target: 'values',
  lessIsBetter: true,
  start: () => meanError((error) => error * error),
});
