import { zeros } from '../slot.js';
import type { Stepper } from './stepper.js';

type AdamScalar = 'lr' | 'beta1' | 'beta2' | 'beta1Power' | 'beta2Power' | 'epsilon';

/**
 * fastai's `Adam` in the terms of TensorFlow's fused op. fastai debiases by the present momentum and adds eps to the debiased root;
 * the op scales eps too, hence eps·√(1 − sqr_momˢ).
 */
export const adam: Stepper<'grad_avg' | 'sqr_avg', AdamScalar> = {
  slots: [zeros('grad_avg'), zeros('sqr_avg')],
  scalarNames: ['lr', 'beta1', 'beta2', 'beta1Power', 'beta2Power', 'epsilon'],
  scalars({ lr, mom, sqr_mom, eps }, step) {
    const beta2Power = sqr_mom ** step;
    return {
      lr,
      beta1: mom,
      beta2: sqr_mom,
      beta1Power: mom ** step,
      beta2Power,
      epsilon: eps * Math.sqrt(1 - beta2Power),
    };
  },
  decaysItself: true,
  step({ kernels }, { variable, gradient, slots, decay }, scalars) {
    kernels.applyAdam(variable, slots.grad_avg, slots.sqr_avg, gradient, { ...scalars, ...(decay && { decay }) });
  },
};
