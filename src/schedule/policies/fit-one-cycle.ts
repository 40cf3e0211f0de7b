import { type Checks, count, decay, insideZeroOne, listOf, ofLength, positive } from '../check.js';
import { combinedCos } from '../combine.js';
import type { PhasePlan } from '../types.js';
import { type Context, fitArguments, fitPhase, type SpecOf } from './fit.js';
import { rate, rates } from './rate.js';

/** One-cycle's arguments that `fine_tune` takes too. */
export const cycleArguments: Checks = {
  div: positive,
  div_final: positive,
  pct_start: insideZeroOne,
  moms: listOf(decay, ofLength(3)),
};

export const fitOneCycleChecks: Checks = { n_epoch: count, lr_max: rate, ...cycleArguments, ...fitArguments };

/**
 * fastai's `fit_one_cycle`: the rate rises by a cosine from lr_max / div to lr_max in the first `pct_start` of the training and falls
 * to lr_max / div_final in the rest, while the momentum goes the other way. Smith, Topin: Super-Convergence, arXiv 1708.07120.
 */
export function planFitOneCycle(policy: Omit<SpecOf<'fit_one_cycle'>, 'name'>, context: Context): PhasePlan[] {
  const { lr_max = context.lr, div = 25, div_final = 1e5, pct_start = 0.25, moms = context.moms, ...fit } = policy;
  const lr = rates(lr_max, '/lr_max', context.groups).map((max) =>
    combinedCos(pct_start, max / div, max, max / div_final),
  );
  const mom = lr.map(() => combinedCos(pct_start, ...moms));
  return [fitPhase(fit, { lr, mom }, context)];
}
