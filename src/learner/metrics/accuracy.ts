import { argmax } from './argmax.js';
import { defineMetric } from './metric.js';
import { shareOfRows } from './share-of-rows.js';

/** fastai's `accuracy`: the share of rows whose largest output is at their class. */
export const accuracy = defineMetric({
  description: 'The share of rows whose largest output is that of their class',
  target: 'classes',
  lessIsBetter: false,
  start: () => shareOfRows((output, width, { y }, row) => argmax(output, row * width, width) === y[row]),
});
