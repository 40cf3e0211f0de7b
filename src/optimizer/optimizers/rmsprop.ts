import { defaulted } from '../../schema/fields.js';
import { hyperSchemas } from '../../schema/hypers.js';
import { zeros } from '../slot.js';
import { movingAverage, type Stepper } from '../stepper.js';
import { defineOptimizer } from './define.js';

const plain: Stepper<'sqr_avg', 'lr' | 'sqr_mom' | 'eps'> = {
  slots: [zeros('sqr_avg')],
  scalarNames: ['lr', 'sqr_mom', 'eps'],
  scalars: ({ lr, sqr_mom, eps }) => ({ lr, sqr_mom, eps }),
  step(context, { variable, gradient, slots }, { lr, sqr_mom, eps }) {
    const { tf, kernels } = context;
    movingAverage(context, slots.sqr_avg, tf.square(gradient), sqr_mom);
    const denominator = tf.add(tf.sqrt(slots.sqr_avg), eps);
    kernels.assign(variable, tf.sub(variable, tf.mul(lr, tf.div(gradient, denominator))));
  },
};

const withMomentum: Stepper<'grad_avg' | 'sqr_avg', 'lr' | 'mom' | 'sqr_mom' | 'eps'> = {
  slots: [zeros('grad_avg'), zeros('sqr_avg')],
  scalarNames: ['lr', 'mom', 'sqr_mom', 'eps'],
  scalars: ({ lr, mom, sqr_mom, eps }) => ({ lr, mom, sqr_mom, eps }),
  step(context, { variable, gradient, slots }, { lr, mom, sqr_mom, eps }) {
    const { tf, kernels } = context;
    kernels.assign(slots.grad_avg, tf.add(tf.mul(slots.grad_avg, mom), gradient));
    movingAverage(context, slots.sqr_avg, tf.square(gradient), sqr_mom);
    const denominator = tf.add(tf.sqrt(slots.sqr_avg), eps);
    kernels.assign(variable, tf.sub(variable, tf.mul(lr, tf.div(slots.grad_avg, denominator))));
  },
};

/** fastai's `RMSProp` (Hinton): with momentum, the (not dampened) average of gradients takes the gradient's place. */
export const rmsprop = defineOptimizer('rmsprop', {
  description: 'Steps divided by the root of the averaged squared gradients (Hinton)',
  hypers: {
    mom: defaulted(hyperSchemas.mom(), 0),
    sqr_mom: defaulted(hyperSchemas.sqr_mom(), 0.99),
    eps: defaulted(hyperSchemas.eps(), 1e-8),
    wd: defaulted(hyperSchemas.wd(), 0),
  },
  args: {},
  stepper: ({ mom }) => (mom === 0 ? plain : withMomentum),
});
