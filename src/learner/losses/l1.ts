import { defineLoss } from './loss.js';

/** fastai's L1LossFlat, PyTorch's `l1_loss`. */
export const l1 = defineLoss({
  description: 'Mean absolute error against values',
  target: 'values',
  create: () => ({
    compute({ tf }, output, target) {
      const error = tf.sub(output, target);
      // In place of `abs`, whose slope TensorFlow.js takes for −1 at 0, and PyTorch for 0.
      return tf.mean(tf.add(tf.relu(error), tf.relu(tf.neg(error))));
    },
  }),
});
