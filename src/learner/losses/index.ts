import type { Engine, Tensor } from '../../engine/index.js';

/** A loss: the mean over a batch of [rows, ...] outputs against [rows] classes or [rows, outputs] values. */
export type Loss = (engine: Engine, output: Tensor, target: Tensor) => Tensor;

export const losses = {
  /** fastai's CrossEntropyLossFlat, PyTorch's `cross_entropy`. */
  cross_entropy: ({ tf, kernels }, output, target) => tf.mean(kernels.sparseSoftmaxCrossEntropy(output, target)),
  /** fastai's MSELossFlat. */
  mse: ({ tf }, output, target) => tf.mean(tf.squaredDifference(output, target)),
} as const satisfies Record<string, Loss>;

export type LossName = keyof typeof losses;
