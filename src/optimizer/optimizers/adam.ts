import { defaulted } from '../../schema/fields.js';
import { hyperSchemas } from '../../schema/hypers.js';
import { zeros } from '../slot.js';
import type { Stepper } from '../stepper.js';
import { defineOptimizer } from './define.js';

type AdamScalar = 'lr' | 'beta1' | 'beta2' | 'beta1Power' | 'beta2Power' | 'epsilon';

/**
 * In the terms of TensorFlow's fused op. fastai debiases by the present momentum and adds eps to the debiased root; the
 * op scales eps too, hence eps·√(1 − sqr_momˢ).
 */
const stepper: Stepper<'grad_avg' | 'sqr_avg', AdamScalar> = {
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

/**
 * fastai's `Adam` (Kingma and Ba, arXiv 1412.6980; with decoupled weight decay Loshchilov and Hutter's AdamW,
 * 1711.05101).
 */
export const adam = defineOptimizer('adam', {
  description: 'Adam (Kingma, Ba); with decoupled weight decay AdamW (Loshchilov, Hutter)',
  hypers: {
    mom: defaulted(hyperSchemas.mom(), 0.9),
    sqr_mom: defaulted(hyperSchemas.sqr_mom(), 0.99),
    eps: defaulted(hyperSchemas.eps(), 1e-5),
    wd: defaulted(hyperSchemas.wd(), 0.01),
  },
  args: {},
  stepper: () => stepper,
});
