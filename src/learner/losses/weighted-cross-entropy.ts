import type { Engine, Tensor } from '../../engine/index.js';
import type { LossFunction } from './loss.js';

/** Cross-entropy of each row, and its mean, by the weights of the classes: PyTorch's `cross_entropy`. */
export const weightedCrossEntropy = (weights: readonly number[] | null): Required<LossFunction> => ({
  compute(engine, output, target) {
    const { tf } = engine;
    const losses = engine.kernels.sparseSoftmaxCrossEntropy(output, target);
    const factors = weightsOfRows(engine, target, weights);
    return factors === null ? tf.mean(losses) : tf.div(tf.sum(tf.mul(losses, factors)), tf.sum(factors));
  },
  rows(engine, output, target) {
    const losses = engine.kernels.sparseSoftmaxCrossEntropy(output, target);
    const factors = weightsOfRows(engine, target, weights);
    return factors === null ? losses : engine.tf.mul(losses, factors);
  },
});

/** The weight of each row's class, [rows]; null where classes have none. */
const weightsOfRows = ({ tf }: Engine, target: Tensor, weights: readonly number[] | null): Tensor | null =>
  weights === null ? null : tf.gather(tf.tensor1d([...weights]), target);
