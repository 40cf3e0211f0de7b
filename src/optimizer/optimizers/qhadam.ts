import { defaulted, Share } from '../../schema/fields.js';
import { hyperSchemas } from '../../schema/hypers.js';
import { debiased, type DebiasedStepper, movingAverage } from '../stepper.js';
import { defineOptimizer } from './define.js';

function stepper(args: { nu_1: number; nu_2: number }): DebiasedStepper {
  const { nu_1, nu_2 } = args;
  return {
    ...debiased,
    step(context, { variable, gradient, slots }, { lr, mom, sqr_mom, eps, debias1, debias2 }) {
      const { tf, kernels } = context;
      const square = tf.square(gradient);
      movingAverage(context, slots.grad_avg, gradient, mom);
      movingAverage(context, slots.sqr_avg, square, sqr_mom);
      const first = tf.add(tf.mul(gradient, 1 - nu_1), tf.mul(tf.div(slots.grad_avg, debias1), nu_1));
      const second = tf.add(tf.mul(square, 1 - nu_2), tf.mul(tf.div(slots.sqr_avg, debias2), nu_2));
      kernels.assign(variable, tf.sub(variable, tf.mul(lr, tf.div(first, tf.add(tf.sqrt(second), eps)))));
    },
  };
}

/** fastai's `QHAdam` (Ma and Yarats, Quasi-hyperbolic momentum and Adam for deep learning, arXiv 1810.06801). */
export const qhadam = defineOptimizer('qhadam', {
  description: 'Adam with a mix of its averages and the current gradient (Ma, Yarats: QHAdam)',
  hypers: {
    mom: defaulted(hyperSchemas.mom(), 0.999),
    sqr_mom: defaulted(hyperSchemas.sqr_mom(), 0.999),
    eps: defaulted(hyperSchemas.eps(), 1e-8),
    wd: defaulted(hyperSchemas.wd(), 0),
  },
  args: {
    nu_1: defaulted(Share('Weight of the averaged gradient'), 0.7),
    nu_2: defaulted(Share('Weight of the averaged squared gradient'), 1),
  },
  stepper,
});
