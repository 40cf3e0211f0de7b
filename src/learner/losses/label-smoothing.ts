import type { Engine, Tensor } from '../../engine/index.js';
import { defaulted, Share } from '../../schema/fields.js';
import { weightArgument, weightMisfits } from './class-weights.js';
import { defineLoss } from './loss.js';
import { weightedCrossEntropy } from './weighted-cross-entropy.js';

/** fastai's LabelSmoothingCrossEntropy. As there, weights are those of the rows' own classes alone. */
export const labelSmoothing = defineLoss({
  description:
    'Cross-entropy against smoothed classes: the true class has probability 1 − `eps`, and `eps` is spread evenly over all classes',
  target: 'classes',
  arguments: { eps: defaulted(Share('Probability spread over all classes'), 0.1), ...weightArgument },
  problems: weightMisfits,
  weights: ({ weight = null }) => weight,
  create({ eps }, weights) {
    const own = weightedCrossEntropy(weights);
    return {
      compute(engine, output, target) {
        const { tf } = engine;
        const ofOwn = own.compute(engine, output, target);
        return tf.add(tf.mul(tf.mean(ofAllClasses(engine, output)), eps), tf.mul(ofOwn, 1 - eps));
      },
      rows(engine, output, target) {
        const { tf } = engine;
        const ofOwn = own.rows(engine, output, target);
        return tf.add(tf.mul(ofAllClasses(engine, output), eps), tf.mul(ofOwn, 1 - eps));
      },
    };
  },
});

/** The mean over all classes of a row's cross-entropy against each, [rows]. */
const ofAllClasses = ({ tf }: Engine, output: Tensor): Tensor => tf.neg(tf.mean(tf.logSoftmax(output), -1));
