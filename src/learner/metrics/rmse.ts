import { meanError } from './mean-error.js';
import { defineMetric } from './metric.js';

/** fastai's `rmse`: the root of the mean squared error of all values. */
export const rmse = defineMetric({
  description: 'The root of the mean squared error of all values, in the unit of the values',
  target: 'values',
  lessIsBetter: true,
  start: () => meanError((error) => error * error, Math.sqrt),
});
