import type { Engine, Tensor } from '../../engine/index.js';
import { defaulted, Share } from '../../schema/fields.js';
import { weightArgument, weightedMean, weightMisfits, weightsOfRows } from './class-weights.js';
import { defineLoss } from './loss.js';

/** fastai's LabelSmoothingCrossEntropy. As there, weights are those of the rows' own classes alone. */
export const labelSmoothing = defineLoss({
  description:
    'Cross-entropy against classes that are sure to 1 − `eps` only: `eps` is shared out to all classes alike',
  target: 'classes',
  arguments: { eps: defaulted(Share('What is shared out to all classes'), 0.1), ...weightArgument },
  problems: weightMisfits,
  weights: ({ weight = null }) => weight,
  create: ({ eps }, weights) => ({
    compute(engine, output, target) {
      const { tf, kernels } = engine;
      const own = weightedMean(
        engine,
        kernels.sparseSoftmaxCrossEntropy(output, target),
        weightsOfRows(engine, target, weights),
      );
      return tf.add(tf.mul(tf.mean(ofAllClasses(engine, output)), eps), tf.mul(own, 1 - eps));
    },
    rows(engine, output, target) {
      const { tf, kernels } = engine;
      const losses = kernels.sparseSoftmaxCrossEntropy(output, target);
      const factors = weightsOfRows(engine, target, weights);
      const own = factors === null ? losses : tf.mul(losses, factors);
      return tf.add(tf.mul(ofAllClasses(engine, output), eps), tf.mul(own, 1 - eps));
    },
  }),
});

/** The mean over all classes of a row's cross-entropy against each, [rows]. */
const ofAllClasses = ({ tf }: Engine, output: Tensor): Tensor => tf.neg(tf.mean(tf.logSoftmax(output), -1));
