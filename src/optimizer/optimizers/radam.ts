import { defaulted, NotNegative } from '../../schema/fields.js';
import { hyperSchemas } from '../../schema/hypers.js';
import { zeros } from '../slot.js';
import { movingAverage, type Stepper } from '../stepper.js';
import { defineOptimizer } from './define.js';

type RadamScalar = 'mom' | 'sqr_mom' | 'eps' | 'debias2' | 'adaptive' | 'plain';

/**
 * While the variance is not yet to be trusted (r ≤ 5) it steps without the denominator: `adaptive` and `plain` are the
 * two rates, one of them zero.
 */
export function radamStepper(args: { beta: number }): Stepper<'grad_avg' | 'sqr_avg', RadamScalar> {
  return {
    slots: [zeros('grad_avg'), zeros('sqr_avg')],
    scalarNames: ['mom', 'sqr_mom', 'eps', 'debias2', 'adaptive', 'plain'],
    scalars({ lr, mom, sqr_mom, eps }, step) {
      const debias1 = 1 - mom ** step;
      const debias2 = 1 - sqr_mom ** step;
      const rate = lr / debias1;
      const v = rectification(sqr_mom, step);
      return { mom, sqr_mom, eps, debias2, adaptive: v === null ? 0 : rate * v, plain: v === null ? rate : 0 };
    },
    step(context, { variable, gradient, slots }, { mom, sqr_mom, eps, debias2, adaptive, plain }) {
      const { tf, kernels } = context;
      movingAverage(context, slots.grad_avg, gradient, mom);
      movingAverage(context, slots.sqr_avg, tf.square(gradient), sqr_mom);
      const root = tf.add(tf.sqrt(tf.div(slots.sqr_avg, debias2)), eps);
      const denominator = args.beta === 0 ? root : tf.div(tf.softplus(tf.mul(root, args.beta)), args.beta);
      const step = tf.add(tf.mul(adaptive, tf.div(slots.grad_avg, denominator)), tf.mul(plain, slots.grad_avg));
      kernels.assign(variable, tf.sub(variable, step));
    },
  };
}

/** The factor that makes up for the variance of the second moment, or null while r ≤ 5. */
function rectification(sqrMom: number, step: number): number | null {
  const rInf = 2 / (1 - sqrMom) - 1;
  const power = sqrMom ** step;
  const r = rInf - (2 * step * power) / (1 - power);
  return r > 5 ? Math.sqrt(((r - 4) * (r - 2) * rInf) / ((rInf - 4) * (rInf - 2) * r)) : null;
}

/** What shapes the arithmetic of RAdam. */
export const radamArgs = {
  beta: defaulted(NotNegative('If above 0, a softplus with this beta is applied to the denominator (SAdam)'), 0),
};

/** fastai's `RAdam` (Liu et al., On the Variance of the Adaptive Learning Rate and Beyond, arXiv 1908.03265). */
export const radam = defineOptimizer('radam', {
  description: 'Adam that warms up until the variance of its rate is tractable (Liu et al., RAdam)',
  hypers: {
    mom: defaulted(hyperSchemas.mom(), 0.9),
    sqr_mom: defaulted(hyperSchemas.sqr_mom(), 0.99),
    eps: defaulted(hyperSchemas.eps(), 1e-5),
    wd: defaulted(hyperSchemas.wd(), 0),
  },
  args: radamArgs,
  stepper: radamStepper,
});
