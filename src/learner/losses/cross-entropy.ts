import type { Loss } from './loss.js';

/** fastai's CrossEntropyLossFlat, PyTorch's `cross_entropy`. */
export const crossEntropy: Loss = {
  description: 'Cross-entropy of the outputs, as logits, against classes',
  target: 'classes',
  compute: ({ tf, kernels }, output, target) => tf.mean(kernels.sparseSoftmaxCrossEntropy(output, target)),
};
