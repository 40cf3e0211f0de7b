import { defineLoss } from './loss.js';

/** fastai's MSELossFlat, PyTorch's `mse_loss`. */
export const mse = defineLoss({
  description: 'Mean squared error against values',
  target: 'values',
  create: () => ({ compute: ({ tf }, output, target) => tf.mean(tf.squaredDifference(output, target)) }),
});
