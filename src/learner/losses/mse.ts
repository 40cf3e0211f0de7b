import type { Loss } from './loss.js';

/** fastai's MSELossFlat, PyTorch's `mse_loss`. */
export const mse: Loss = {
  description: 'Mean squared error against values',
  target: 'values',
  compute: ({ tf }, output, target) => tf.mean(tf.squaredDifference(output, target)),
};
