import { defineMetric } from './metric.js';
import { Spread } from './spread.js';

/** fastai's `R2Score`: 1 less the squared errors over the squared distances from the mean target. */
export const r2 = defineMetric({
  description: 'The coefficient of determination: 1 for perfect predictions, 0 for always predicting the mean',
  target: 'values',
  lessIsBetter: false,
  start() {
    const spread = new Spread();
    let errors = 0;
    return {
      update(output, { y }) {
        output.forEach((value, i) => {
          spread.add(y[i]);
          errors += (value - y[i]) ** 2;
        });
      },
      value: () => 1 - errors / spread.sum,
    };
  },
});
