import { Type } from 'typebox';
import { Count, defaulted, InsideZeroOne, Positive, strict } from '../../schema/fields.js';
import { hyperSchemas } from '../../schema/hypers.js';
import { combinedCos } from '../combine.js';
import { Rate, rateProblems, rates } from '../rate.js';
import { definePolicy, learnerDefaults } from './define.js';
import { fitArguments, fitPhase, fitProblems } from './fit.js';

/** The part of a training before its rate falls; at both ends, which are left out, fastai's schedule would be flat. */
export const PctStart = () => InsideZeroOne('Position at which the first part ends, between 0 and 1');

/** One-cycle's arguments that are the same in `fine_tune`. */
export const cycleArguments = {
  div_final: defaulted(Positive('The rate ends at its maximum divided by this'), 1e5),
  moms: defaulted(
    Type.Unsafe<[number, number, number]>(
      Type.Array(hyperSchemas.mom(), {
        minItems: 3,
        maxItems: 3,
        description: 'Momentum at the start, at the highest rate and at the end',
      }),
    ),
    learnerDefaults.moms,
  ),
};

/** What the highest rate is divided by at the start. */
export const Div = () => Positive('The rate starts at its maximum divided by this');

/**
 * fastai's `fit_one_cycle`: the rate rises by a cosine from lr_max / div to lr_max in the first `pct_start` of the
 * training and falls to lr_max / div_final in the rest, while the momentum goes the other way. Smith, Topin:
 * Super-Convergence, arXiv 1708.07120.
 */
export const fitOneCycle = definePolicy({
  schema: strict(
    {
      name: Type.Literal('fit_one_cycle'),
      n_epoch: Count('Number of epochs'),
      lr_max: defaulted(Rate('Highest learning rate'), learnerDefaults.lr),
      div: defaulted(Div(), 25),
      pct_start: defaulted(PctStart(), 0.25),
      ...cycleArguments,
      ...fitArguments,
    },
    {
      title: 'FitOneCycle',
      description:
        'Cosines up to the highest rate and down again, with momentum the other way round ' +
        '(Smith, Topin: Super-Convergence)',
    },
  ),
  fromLearner: ({ lr, moms }) => ({ lr_max: lr, moms }),
  check: ({ n_epoch, lr_max, ...more }, groups) => [
    ...rateProblems(lr_max, '/lr_max', groups),
    ...fitProblems(more, n_epoch, groups),
  ],
  plan({ lr_max, div, div_final, pct_start, moms, n_epoch, wd, reset_opt, start_epoch }, context) {
    const lr = rates(lr_max, '/lr_max', context.groups).map((max) =>
      combinedCos(pct_start, max / div, max, max / div_final),
    );
    const mom = lr.map(() => combinedCos(pct_start, ...moms));
    return [fitPhase({ n_epoch, wd, reset_opt, start_epoch }, { lr, mom }, context)];
  },
});
