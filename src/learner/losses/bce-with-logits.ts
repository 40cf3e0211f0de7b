import { defineLoss } from './loss.js';

/** fastai's BCEWithLogitsLossFlat, PyTorch's `binary_cross_entropy_with_logits`. */
export const bceWithLogits = defineLoss({
  description: 'Binary cross-entropy of each output, as a logit, against values from 0 to 1: several classes may apply',
  target: 'values',
  create: () => ({
    // softplus(x) − x·z: −z·log σ(x) − (1 − z)·log(1 − σ(x)), without an overflow and with the right slope at 0.
    compute: ({ tf }, output, target) => tf.mean(tf.sub(tf.softplus(output), tf.mul(output, target))),
  }),
});
