import { zeros } from '../slot.js';
import type { Stepper } from './stepper.js';

/** fastai's `Larc` (You et al., Large Batch Training of Convolutional Networks): a rate of each layer's own, from the norms of weights and gradients. */
export function larc(args: {
  mom: number;
  trust_coeff: number;
  clip: boolean;
}): Stepper<'grad_avg', 'lr' | 'mom' | 'eps' | 'wd'> {
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
