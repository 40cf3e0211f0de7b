import { zeros } from '../slot.js';
import { movingAverage, type Stepper } from './stepper.js';

/** fastai's `RMSProp`: with momentum, the (not dampened) average of gradients takes the gradient's place. */
export function rmsprop(args: { mom: number }): Stepper {
  return args.mom === 0 ? plain : withMomentum;
}

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
