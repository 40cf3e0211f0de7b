import { weightArgument, weightedMean, weightMisfits, weightsOfRows } from './class-weights.js';
import { defineLoss } from './loss.js';

/** fastai's CrossEntropyLossFlat, PyTorch's `cross_entropy`. */
export const crossEntropy = defineLoss({
  description: 'Cross-entropy of the outputs, as logits, against classes',
  target: 'classes',
  arguments: weightArgument,
  problems: weightMisfits,
  weights: ({ weight = null }) => weight,
  create: (_args, weights) => ({
    compute: (engine, output, target) =>
      weightedMean(
        engine,
        engine.kernels.sparseSoftmaxCrossEntropy(output, target),
        weightsOfRows(engine, target, weights),
      ),
    rows(engine, output, target) {
      const losses = engine.kernels.sparseSoftmaxCrossEntropy(output, target);
      const factors = weightsOfRows(engine, target, weights);
      return factors === null ? losses : engine.tf.mul(losses, factors);
    },
  }),
});
