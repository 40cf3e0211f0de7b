import type { Kernels, Tensor, TensorFlow, Variable } from '../engine/index.js';
import { type Slot, zeros } from './slot.js';

/** The hypers of one parameter group, as fastai keeps them. */
export type Hypers = Record<string, number>;

/** One parameter's part in a step: its gradient and its state, on the device. */
export interface Parameter<SlotName extends string = string> {
  variable: Variable;
  gradient: Tensor;
  slots: Record<SlotName, Variable>;
  /** What the parameter is to be multiplied by first, where the stepper does that itself. */
  decay?: Tensor;
}

/** What a step computes with: an engine. */
export interface StepContext {
  tf: TensorFlow;
  kernels: Kernels;
}

/**
 * An optimizer's arithmetic: what fastai composes of its steppers. It may be traced once and run a million times,
 * so all that changes from step to step comes in as a scalar.
 */
export interface Stepper<SlotName extends string = string, Scalar extends string = string> {
  /** State tensors that each parameter has, their names all different. */
  slots: readonly Slot<SlotName>[];
  /** The names of `scalars`, all different, in the order in which they are fed. */
  scalarNames: readonly Scalar[];
  /**
   * The numbers of one step, in float64, from a group's hypers, the steps that its parameters have made (frozen ones
   * make none) and those that the optimizer has, this one included.
   */
  scalars(hypers: Hypers, step: number, count: number): Record<Scalar, number>;
  /** Whether its step does the decoupled weight decay too, in one go. */
  decaysItself?: boolean;
  /** Updates one parameter and its slots. To be traced: every operation goes through the context. */
  step(context: StepContext, parameter: Parameter<SlotName>, scalars: Record<Scalar, Tensor>): void;
}

/** fastai's `average_grad` with dampening, and `average_sqr_grad`: m ← mom·m + (1 − mom)·x, exactly as it rounds. */
export function movingAverage({ tf, kernels }: StepContext, average: Variable, value: Tensor, decay: Tensor): void {
  kernels.assign(average, tf.add(tf.mul(average, decay), tf.mul(value, tf.sub(1, decay))));
}

type DebiasedScalar = 'lr' | 'mom' | 'sqr_mom' | 'eps' | 'debias1' | 'debias2';

/**
 * What the relatives of Adam keep and are fed: dampened averages of gradients and their squares, and fastai's `debias`
 * of each.
 */
export const debiased: Pick<Stepper<'grad_avg' | 'sqr_avg', DebiasedScalar>, 'slots' | 'scalarNames' | 'scalars'> = {
  slots: [zeros('grad_avg'), zeros('sqr_avg')],
  scalarNames: ['lr', 'mom', 'sqr_mom', 'eps', 'debias1', 'debias2'],
  scalars: ({ lr, mom, sqr_mom, eps }, step) => ({
    lr,
    mom,
    sqr_mom,
    eps,
    debias1: 1 - mom ** step,
    debias2: 1 - sqr_mom ** step,
  }),
};

/** A stepper that keeps and is fed what `debiased` says. */
export type DebiasedStepper = Stepper<'grad_avg' | 'sqr_avg', DebiasedScalar>;
