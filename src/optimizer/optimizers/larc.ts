import { defaulted, Flag, Positive } from '../../schema/fields.js';
import { hyperSchemas } from '../../schema/hypers.js';
import { zeros } from '../slot.js';
import type { Stepper } from '../stepper.js';
import { defineOptimizer } from './define.js';

interface Args {
  mom: number;
  trust_coeff: number;
  clip: boolean;
}

function stepper(args: Args): Stepper<'grad_avg', 'lr' | 'mom' | 'eps' | 'wd'> {
  return {
    slots: [zeros('grad_avg')],
    scalarNames: ['lr', 'mom', 'eps', 'wd'],
    scalars: ({ lr, mom, eps, wd }) => ({ lr, mom, eps, wd }),
    step({ tf, kernels }, { variable, gradient, slots }, { lr, mom, eps, wd }) {
      if (args.mom !== 0) kernels.assign(slots.grad_avg, tf.add(tf.mul(slots.grad_avg, mom), gradient));
      const weightNorm = tf.norm(variable);
      const denominator = tf.add(tf.add(tf.norm(gradient), tf.mul(weightNorm, wd)), eps);
      const local = tf.div(tf.mul(tf.mul(lr, args.trust_coeff), weightNorm), denominator);
      const rate = args.clip ? tf.minimum(lr, local) : local;
      kernels.assign(variable, tf.sub(variable, tf.mul(rate, args.mom === 0 ? gradient : slots.grad_avg)));
    },
  };
}

/** fastai's `Larc` (You et al., Large Batch Training of Convolutional Networks, arXiv 1708.03888). */
export const larc = defineOptimizer('larc', {
  description: 'A learning rate per layer, from the norms of its weights and gradients (You et al., LARS)',
  hypers: {
    mom: defaulted(hyperSchemas.mom(), 0.9),
    eps: defaulted(hyperSchemas.eps(), 1e-8),
    wd: defaulted(hyperSchemas.wd(), 0),
  },
  args: {
    clip: defaulted(Flag('LARC, which never exceeds the learning rate; false: LARS'), true),
    trust_coeff: defaulted(Positive('Trust coefficient'), 0.02),
  },
  stepper,
});
