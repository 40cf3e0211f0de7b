import { Type } from 'typebox';
import { optional, strict } from '../../schema/fields.js';
import { SchedExp } from '../annealers.js';
import { finderArguments, rangeProblems } from '../finder.js';
import { perGroupValues } from '../groups.js';
import { SuggestionName } from '../suggestions.js';
import { definePolicy } from './define.js';
import { fitPhase } from './fit.js';

/** fastai's LRFinder never runs for fewer iterations. */
const minIterations = 6;

/**
 * fastai's `lr_find`: the rate grows exponentially from start_lr to end_lr in `num_it` iterations. Smith: Cyclical
 * Learning Rates, arXiv 1506.01186.
 */
export const lrFind = definePolicy({
  schema: strict(
    {
      name: Type.Literal('lr_find'),
      ...finderArguments,
      suggest_funcs: optional(
        Type.Array(SuggestionName, { minItems: 1, description: 'The suggestions to make; left out: all of them' }),
      ),
    },
    {
      title: 'LrFind',
      description:
        'Trains with exponentially growing rates to find a good one; model and optimizer are restored afterwards',
    },
  ),
  check: (policy, groups) => rangeProblems(policy, '', groups),
  plan({ start_lr, end_lr, stop_div, ...policy }, context) {
    const { groups, batchesPerEpoch } = context;
    const num_it = Math.max(policy.num_it, minIterations);
    const ends = perGroupValues(end_lr, groups);
    const lr = perGroupValues(start_lr, groups).map((start, group) => SchedExp(start, ends[group]));
    const n_epoch = Math.floor(num_it / batchesPerEpoch) + 1;
    const phase = fitPhase({ n_epoch, reset_opt: false, start_epoch: 0 }, { lr }, context);
    // fastai's `fit` sets the Learner's rate first; nothing trains at it, and the optimizer is to be left as it was.
    return [{ ...phase, set: {}, n_position: num_it, n_iteration: num_it, lr_find: { num_it, stop_div } }];
  },
});
