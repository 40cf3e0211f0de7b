import { weightArgument, weightMisfits } from './class-weights.js';
import { defineLoss } from './loss.js';
import { weightedCrossEntropy } from './weighted-cross-entropy.js';

/** fastai's CrossEntropyLossFlat, PyTorch's `cross_entropy`. */
export const crossEntropy = defineLoss({
  description: 'Cross-entropy of the outputs, as logits, against classes',
  target: 'classes',
  arguments: weightArgument,
  problems: weightMisfits,
  weights: ({ weight = null }) => weight,
  create: (_args, weights) => weightedCrossEntropy(weights),
});
