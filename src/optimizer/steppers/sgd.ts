import { zeros } from '../slot.js';
import type { Stepper } from './stepper.js';

/** fastai's `SGD`: without momentum the plain step; with it `average_grad` (not dampened) and `momentum_step`. */
export function sgd(args: { mom: number }): Stepper {
  return args.mom === 0 ? plain : withMomentum;
}

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
