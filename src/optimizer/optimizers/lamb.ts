import { defaulted } from '../../schema/fields.js';
import { hyperSchemas } from '../../schema/hypers.js';
import { debiased, type DebiasedStepper, movingAverage } from '../stepper.js';
import { defineOptimizer } from './define.js';

const stepper: DebiasedStepper = {
  ...debiased,
  step(context, { variable, gradient, slots }, { lr, mom, sqr_mom, eps, debias1, debias2 }) {
    const { tf, kernels } = context;
    movingAverage(context, slots.grad_avg, gradient, mom);
    movingAverage(context, slots.sqr_avg, tf.square(gradient), sqr_mom);
    const denominator = tf.add(tf.sqrt(tf.div(slots.sqr_avg, debias2)), eps);
    const step = tf.div(tf.div(slots.grad_avg, debias1), denominator);
    const weights = tf.sqrt(tf.mean(tf.square(variable)));
    const length = tf.sqrt(tf.mean(tf.square(step)));
    // A ratio where either is zero would be 0 or infinite; fastai takes 1.
    const either = tf.logicalOr(tf.equal(weights, 0), tf.equal(length, 0));
    const ratio = tf.where(either, tf.onesLike(weights), tf.minimum(tf.div(weights, length), 10));
    kernels.assign(variable, tf.sub(variable, tf.mul(tf.mul(lr, ratio), step)));
  },
};

/** fastai's `Lamb` (You et al., Large Batch Optimization for Deep Learning, arXiv 1904.00962). */
export const lamb = defineOptimizer('lamb', {
  description: "Adam's step scaled by each layer's trust ratio, at most 10 (You et al., LAMB)",
  hypers: {
    mom: defaulted(hyperSchemas.mom(), 0.9),
    sqr_mom: defaulted(hyperSchemas.sqr_mom(), 0.99),
    eps: defaulted(hyperSchemas.eps(), 1e-5),
    wd: defaulted(hyperSchemas.wd(), 0),
  },
  args: {},
  stepper: () => stepper,
});
