import { defineLoss } from './loss.js';

/** fastai's L1LossFlat, PyTorch's `l1_loss`. */
export const l1 = defineLoss({
  description: 'Mean absolute error against values',
  target: 'values',
  create: () => ({ compute: ({ tf }, output, target) => tf.mean(tf.abs(tf.sub(output, target))) }),
});
