import { type Checks, count, insideZeroOne, positive } from '../check.js';
import { combinedCos } from '../combine.js';
import type { PhasePlan } from '../types.js';
import { type Context, fitArguments, fitPhase, type SpecOf } from './fit.js';
import { rate, rates } from './rate.js';

export const fitFlatCosChecks: Checks = {
  n_epoch: count,
  lr: rate,
  div_final: positive,
  pct_start: insideZeroOne,
  ...fitArguments,
};

/**
 * fastai's `fit_flat_cos`: a flat rate for the first `pct_start`, then a cosine down to lr / div_final.
 * As in fastai 2.8 it takes a `start_epoch` and does nothing with it: the whole training runs.
 */
export function planFitFlatCos(policy: SpecOf<'fit_flat_cos'>, context: Context): PhasePlan[] {
  const { lr: flat = context.lr, div_final = 1e5, pct_start = 0.75, wd, reset_opt, n_epoch } = policy;
  const lr = rates(flat, '/lr', context.groups).map((value) => combinedCos(pct_start, value, value, value / div_final));
  return [fitPhase({ n_epoch, wd, reset_opt }, { lr }, context)];
}
