import { invalidSpec } from '../../errors.js';
import { type Checks, count, countOrZero, positive } from '../check.js';
import type { PhasePlan } from '../types.js';
import { cycleArguments, planFitOneCycle } from './fit-one-cycle.js';
import { type Context, fitArguments, type SpecOf } from './fit.js';
import { baseRate } from './rate.js';

export const fineTuneChecks: Checks = {
  epochs: count,
  base_lr: baseRate,
  freeze_epochs: countOrZero,
  lr_mult: positive,
  ...cycleArguments,
  ...fitArguments,
};

/**
 * fastai's `fine_tune`: `freeze_epochs` of one-cycle with all but the last group frozen, then `epochs` of it with all, at half the
 * rate, which falls by `lr_mult` towards the first group. A phase whose epochs are all skipped, or none, is left out. With a single
 * group nothing is frozen, as in fastai, whose `Learner.freeze` does not ask how many there are.
 */
export function planFineTune(policy: SpecOf<'fine_tune'>, context: Context): PhasePlan[] {
  const {
    epochs,
    base_lr = 2e-3,
    freeze_epochs = 1,
    lr_mult = 100,
    pct_start = 0.3,
    div = 5,
    div_final,
    moms,
    wd,
    reset_opt,
    start_epoch,
  } = policy;
  if (typeof base_lr !== 'number')
    throw invalidSpec('/base_lr', "must be a number here: the finder's suggestion is not known yet");
  const both = { div_final, moms, wd, reset_opt, start_epoch };
  const lr = base_lr / 2;
  return [
    ...planFitOneCycle(
      { ...both, n_epoch: freeze_epochs, lr_max: { stop: base_lr }, pct_start: 0.99 },
      { ...context, frozen_to: context.groups - 1 },
    ),
    ...planFitOneCycle(
      { ...both, n_epoch: epochs, lr_max: { start: lr / lr_mult, stop: lr }, pct_start, div },
      { ...context, frozen_to: 0 },
    ),
  ].filter((phase) => phase.n_iteration > 0);
}
