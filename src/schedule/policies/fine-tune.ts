import { Type } from 'typebox';
import { Count, defaulted, Positive, strict } from '../../schema/fields.js';
import { BaseRate, knownRate, rateProblems } from '../rate.js';
import { definePolicy } from './define.js';
import { cycleArguments, Div, fitOneCycle, PctStart } from './fit-one-cycle.js';
import { fitArguments, fitProblems } from './fit.js';

/**
 * fastai's `fine_tune`: `freeze_epochs` of one-cycle with all but the last group frozen, then `epochs` of it with all,
 * at half the rate, which falls by `lr_mult` towards the first group. A phase whose epochs are all skipped, or none, is
 * left out. With a single group nothing is frozen, as in fastai, whose `Learner.freeze` does not ask how many there
 * are.
 */
export const fineTune = definePolicy({
  schema: strict(
    {
      name: Type.Literal('fine_tune'),
      epochs: Count('Epochs during which all layers are trained'),
      base_lr: defaulted(BaseRate('Learning rate of the frozen epochs; half of it afterwards'), 2e-3),
      freeze_epochs: defaulted(Count('Epochs during which all parameter groups but the last are frozen', 0), 1),
      lr_mult: defaulted(
        Positive('The rate of the first parameter group is that of the last one divided by this'),
        100,
      ),
      div: defaulted(Div(), 5),
      pct_start: defaulted(PctStart(), 0.3),
      ...cycleArguments,
      ...fitArguments,
    },
    {
      title: 'FineTune',
      description: 'One cycle with the body frozen, then one with all layers at discriminative rates',
    },
  ),
  fromLearner: ({ moms }) => ({ moms }),
  check: ({ epochs, base_lr, ...more }, groups) => [
    ...rateProblems(base_lr, '/base_lr', groups),
    ...fitProblems(more, epochs, groups),
  ],
  previewGroups: 2,
  plan({ epochs, base_lr, freeze_epochs, lr_mult, div, pct_start, ...both }, context) {
    const first = knownRate(base_lr, '/base_lr');
    const lr = first / 2;
    const cycle = { ...both, name: 'fit_one_cycle' } as const;
    return [
      ...fitOneCycle.plan(
        { ...cycle, n_epoch: freeze_epochs, lr_max: { stop: first }, pct_start: 0.99 },
        { ...context, frozen_to: context.groups - 1 },
      ),
      ...fitOneCycle.plan(
        { ...cycle, n_epoch: epochs, lr_max: { start: lr / lr_mult, stop: lr }, pct_start, div },
        { ...context, frozen_to: 0 },
      ),
    ].filter((phase) => phase.n_iteration > 0);
  },
});
