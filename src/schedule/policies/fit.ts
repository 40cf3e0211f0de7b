import { atLeastZero, type Checks, count, countOrZero, flag, perGroup } from '../check.js';
import { checkSchedules, groupSchedules } from '../spec.js';
import type { FromLrFind, LearningRate, PhasePlan, PolicyName, PolicySpec } from '../types.js';
import { isHyper } from '../check.js';
import { perGroupValues, rate, rates } from './rate.js';

/** What a policy's arguments are to be turned into numbers with. */
export interface PlanContext {
  /** Parameter groups of the model. */
  groups: number;
  /** Training batches of an epoch. */
  batchesPerEpoch: number;
  /** The Learner's own rate, where a policy is given none: fastai's default is 0.001. */
  lr?: number;
  /** The Learner's momenta for one-cycle: fastai's default is 0.95, 0.85, 0.95. */
  moms?: readonly [number, number, number];
  /** What the Learner has frozen (fastai's `freeze_to`, negative from the end); left out, phases leave it as it is. */
  frozenTo?: number;
}

/** The context with the Learner's defaults filled in. */
export type Context = Required<Omit<PlanContext, 'frozenTo'>> & { frozen_to: number | null };

export type SpecOf<Name extends PolicyName> = Extract<PolicySpec, { name: Name }>;

/** Arguments that every policy but the finder hands on to `fit`. */
export const fitArguments: Checks = { wd: perGroup(atLeastZero), reset_opt: flag, start_epoch: countOrZero };

export const fitChecks: Checks = { n_epoch: count, lr: rate, schedules: checkSchedules, ...fitArguments };

interface Fit {
  n_epoch: number;
  lr?: LearningRate | FromLrFind;
  wd?: number | number[];
  reset_opt?: boolean;
  start_epoch?: number;
}

/** fastai's `Learner.fit`, in which every recipe ends: it sets `lr` (the Learner's, where none is given) and `wd`; schedules drive the rest. */
export function fitPhase(fit: Fit, schedules: PhasePlan['schedules'], context: Context): PhasePlan {
  const { n_epoch, lr = context.lr, wd, reset_opt = false, start_epoch = 0 } = fit;
  const { groups, batchesPerEpoch, frozen_to } = context;
  return {
    n_epoch,
    start_epoch,
    frozen_to,
    reset_opt,
    set: { lr: rates(lr, '/lr', groups), ...(wd === undefined ? {} : { wd: perGroupValues(wd, groups) }) },
    schedules,
    n_position: n_epoch * batchesPerEpoch,
    n_iteration: Math.max(0, n_epoch - start_epoch) * batchesPerEpoch,
  };
}

/** `fit(n_epoch, lr)`, with schedules of one's own for any hyper. */
export function planFit(policy: SpecOf<'fit'>, context: Context): PhasePlan[] {
  const schedules: PhasePlan['schedules'] = {};
  for (const [name, spec] of Object.entries(policy.schedules ?? {})) {
    if (isHyper(name)) schedules[name] = groupSchedules(spec, context.groups);
  }
  return [fitPhase(policy, schedules, context)];
}
