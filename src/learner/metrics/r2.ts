import type { Meter, Metric } from './metric.js';

/**
 * fastai's `R2Score`: 1 less the squared errors over the squared distances from the mean target (Welford's running
 * sums).
 */
export const r2: Metric = {
  description: 'The coefficient of determination: 1 where all is right, 0 for always the mean',
  target: 'values',
  lessIsBetter: false,
  start(): Meter {
    let count = 0;
    let mean = 0;
    let spread = 0;
    let errors = 0;
    return {
      update(output, { y }) {
        output.forEach((value, i) => {
          const target = y[i];
          const delta = target - mean;
          mean += delta / ++count;
          spread += delta * (target - mean);
          errors += (value - target) ** 2;
        });
      },
      value: () => 1 - errors / spread,
    };
  },
};
