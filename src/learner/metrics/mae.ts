import { meanError } from './mean-error.js';
import { defineMetric } from './metric.js';

/** fastai's `mae`: the mean absolute error of all values. */
export const mae = defineMetric({
  description: 'The mean absolute error of all values',
  target: 'values',
  lessIsBetter: true,
  start: () => meanError(Math.abs),
});
