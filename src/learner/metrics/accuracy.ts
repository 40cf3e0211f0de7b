import { Mean } from './mean.js';
import type { Meter, Metric } from './metric.js';

/** fastai's `accuracy`: the share of rows whose largest output is at their class. */
export const accuracy: Metric = {
  description: 'The share of rows whose largest output is at their class',
  target: 'classes',
  lessIsBetter: false,
  start(): Meter {
    const mean = new Mean();
    return {
      update(output, { rows, y }) {
        const classes = output.length / rows;
        for (let row = 0; row < rows; row++)
          mean.add(argmax(output.subarray(row * classes, (row + 1) * classes)) === y[row] ? 1 : 0);
      },
      value: () => mean.value,
    };
  },
};

function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}
