import { defineMetric } from './metric.js';
import { Spread } from './spread.js';

/** fastai's `ExplainedVariance`: as `r2`, but a constant error costs nothing. */
export const explainedVariance = defineMetric({
  description:
    'The share of the variance of the values that is predicted: like `r2`, but insensitive to a constant error',
  target: 'values',
  lessIsBetter: false,
  start() {
    const [targets, errors] = [new Spread(), new Spread()];
    return {
      update(output, { y }) {
        output.forEach((value, i) => {
          targets.add(y[i]);
          errors.add(y[i] - value);
        });
      },
      value: () => 1 - errors.sum / targets.sum,
    };
  },
});
