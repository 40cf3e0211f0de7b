import { argmax } from './argmax.js';
import { defineMetric } from './metric.js';
import { shareOfRows } from './share-of-rows.js';

/** fastai's `error_rate`: 1 less the accuracy. */
export const errorRate = defineMetric({
  description: 'The share of rows whose largest output is not that of their class: 1 minus the accuracy',
  target: 'classes',
  lessIsBetter: true,
  start: () => shareOfRows((output, width, { y }, row) => argmax(output, row * width, width) !== y[row]),
});
