import { meanError } from './mean-error.js';
import type { Metric } from './metric.js';

/** fastai's `mae`: the mean absolute error of all values. */
export const mae: Metric = {
  description: 'The mean absolute error of all values',
  target: 'values',
  lessIsBetter: true,
  start: () => meanError(Math.abs),
};
