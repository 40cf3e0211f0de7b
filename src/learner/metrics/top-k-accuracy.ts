import { Count, defaulted } from '../../schema/fields.js';
import { defineMetric } from './metric.js';
import { shareOfRows } from './share-of-rows.js';

/** fastai's `top_k_accuracy`: the share of rows whose class is among their `k` largest outputs, of equal ones the first. */
export const topKAccuracy = defineMetric({
  description: 'The share of rows whose class is among their `k` largest outputs',
  target: 'classes',
  lessIsBetter: false,
  arguments: { k: defaulted(Count('Number of largest outputs to consider'), 5) },
  problems: ({ k }, { target }) =>
    target.kind === 'classes' && k > target.classes
      ? [{ pointer: '/k', detail: `must be at most ${target.classes}, the number of classes, not ${k}` }]
      : [],
  start: ({ k }) => shareOfRows((output, width, { y }, row) => rankOf(output, row * width, width, y[row]) < k),
});

/** How many of `count` outputs from `start` on come before that of a class; one that is not a number comes last. */
function rankOf(output: Float32Array, start: number, count: number, label: number): number {
  const own = output[start + label];
  if (Number.isNaN(own)) return count;
  let rank = 0;
  for (let i = 0; i < count; i++) {
    const other = output[start + i];
    if (other > own || (other === own && i < label)) rank++;
  }
  return rank;
}
