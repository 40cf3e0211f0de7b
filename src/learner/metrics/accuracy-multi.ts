import { defaulted, InsideZeroOne } from '../../schema/fields.js';
import { Mean } from './mean.js';
import { defineMetric } from './metric.js';

/** fastai's `accuracy_multi`: for the loss `bce_with_logits`, whose values are 0 and 1. */
export const accuracyMulti = defineMetric({
  description:
    'The share of all values, each 0 or 1, that are predicted correctly: for `bce_with_logits`, whose outputs are ' +
    'logits',
  target: 'values',
  lessIsBetter: false,
  arguments: { thresh: defaulted(InsideZeroOne('An output counts as 1 where its sigmoid is above this'), 0.5) },
  start({ thresh }) {
    const threshold = Math.log(thresh / (1 - thresh));
    const mean = new Mean();
    return {
      update: (output, { y }) => output.forEach((value, i) => mean.add(value > threshold === y[i] > 0.5 ? 1 : 0)),
      value: () => mean.value,
    };
  },
});
