import { defaulted } from '../../schema/fields.js';
import { hyperSchemas } from '../../schema/hypers.js';
import { zeros } from '../slot.js';
import type { Stepper } from '../stepper.js';
import { defineOptimizer } from './define.js';

const plain: Stepper<never, 'lr'> = {
  slots: [],
  scalarNames: ['lr'],
  scalars: ({ lr }) => ({ lr }),
  step: ({ kernels }, { variable, gradient }, { lr }) => kernels.applyGradientDescent(variable, gradient, lr),
};

const withMomentum: Stepper<'grad_avg', 'lr' | 'mom'> = {
  slots: [zeros('grad_avg')],
  scalarNames: ['lr', 'mom'],
  scalars: ({ lr, mom }) => ({ lr, mom }),
  step: ({ kernels }, { variable, gradient, slots }, { lr, mom }) =>
    kernels.applyMomentum(variable, slots.grad_avg, gradient, lr, mom),
};

/** fastai's `SGD`: without momentum the plain step; with it `average_grad` (not dampened) and `momentum_step`. */
export const sgd = defineOptimizer('sgd', {
  description: 'Stochastic gradient descent, with momentum where `mom` is above 0',
  hypers: {
    mom: defaulted(hyperSchemas.mom(), 0),
    wd: defaulted(hyperSchemas.wd(), 0),
  },
  args: {},
  stepper: ({ mom }) => (mom === 0 ? plain : withMomentum),
});
