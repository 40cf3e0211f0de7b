import { Type } from 'typebox';
import { Count, defaulted, strict } from '../../schema/fields.js';
import { combinedCos } from '../combine.js';
import { Rate, rateProblems, rates } from '../rate.js';
import { definePolicy, learnerDefaults } from './define.js';
import { cycleArguments, PctStart } from './fit-one-cycle.js';
import { fitArguments, fitPhase, fitProblems } from './fit.js';

/**
 * fastai's `fit_flat_cos`: a flat rate for the first `pct_start`, then a cosine down to lr / div_final.
 * As in fastai 2.8 it takes a `start_epoch` and does nothing with it: the whole training runs.
 */
export const fitFlatCos = definePolicy({
  schema: strict(
    {
      name: Type.Literal('fit_flat_cos'),
      n_epoch: Count('Number of epochs'),
      lr: defaulted(Rate('Learning rate'), learnerDefaults.lr),
      div_final: cycleArguments.div_final,
      pct_start: defaulted(PctStart(), 0.75),
      ...fitArguments,
    },
    { title: 'FitFlatCos', description: 'A flat rate, followed by a cosine down' },
  ),
  fromLearner: ({ lr }) => ({ lr }),
  check: ({ n_epoch, lr, ...more }, groups) => [
    ...rateProblems(lr, '/lr', groups),
    ...fitProblems(more, n_epoch, groups),
  ],
  plan({ n_epoch, lr: flat, div_final, pct_start, wd, reset_opt }, context) {
    const lr = rates(flat, '/lr', context.groups).map((value) =>
      combinedCos(pct_start, value, value, value / div_final),
    );
    return [fitPhase({ n_epoch, wd, reset_opt, start_epoch: 0 }, { lr }, context)];
  },
});
