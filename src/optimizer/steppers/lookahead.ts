import { copy } from '../slot.js';
import type { Stepper } from './stepper.js';

/**
 * fastai's `Lookahead` around any stepper (Zhang et al., Lookahead Optimizer: k steps forward, 1 step back): every k steps the slow weights
 * go `alpha` of the way to the fast ones, and these start again from there. `pull` is alpha then, and 0 at all other steps.
 */
export function lookahead(inner: Stepper, args: { k: number; alpha: number }): Stepper {
  return {
    slots: [...inner.slots, copy('slow')],
    scalarNames: [...inner.scalarNames, 'pull', 'reset'],
    scalars(hypers, step, count) {
      const due = count % args.k === 0;
      return { ...inner.scalars(hypers, step, count), pull: due ? args.alpha : 0, reset: due ? 1 : 0 };
    },
    decaysItself: inner.decaysItself ?? false,
    step(context, parameter, scalars) {
      const { tf, kernels } = context;
      const { variable, slots } = parameter;
      inner.step(context, parameter, scalars);
      const slow = tf.add(slots.slow, tf.mul(scalars.pull, tf.sub(variable, slots.slow)));
      kernels.assign(slots.slow, slow);
      kernels.assign(variable, tf.where(tf.greater(scalars.reset, 0), slow, variable));
    },
  };
}
