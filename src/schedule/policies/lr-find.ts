import { SchedExp } from '../annealers.js';
import type { PhasePlan } from '../types.js';
import { type Context, fitPhase, type SpecOf } from './fit.js';
import { perGroupValues } from './rate.js';

/** LRFinder never runs for less. */
const minNumIt = 6;

/** fastai's `lr_find`: the rate grows exponentially from start_lr to end_lr in `num_it` iterations. Smith: Cyclical Learning Rates, arXiv 1506.01186. */
export function planLrFind(policy: SpecOf<'lr_find'>, context: Context): PhasePlan[] {
  const { start_lr = 1e-7, end_lr = 10, stop_div = true } = policy;
  const { groups, batchesPerEpoch } = context;
  const num_it = Math.max(policy.num_it ?? 100, minNumIt);
  const ends = perGroupValues(end_lr, groups);
  const lr = perGroupValues(start_lr, groups).map((start, group) => SchedExp(start, ends[group]));
  const fit = fitPhase({ n_epoch: Math.floor(num_it / batchesPerEpoch) + 1 }, { lr }, context);
  // fastai's `fit` would set the Learner's rate first; nothing trains at it, and the optimizer is to be left as it was.
  return [{ ...fit, set: {}, n_position: num_it, n_iteration: num_it, lr_find: { num_it, stop_div } }];
}
