import { Type } from 'typebox';
import type { FieldProblem } from '../../errors.js';
import { Count, defaulted, Flag, optional, PerGroup, strict } from '../../schema/fields.js';
import { hyperNames, hyperSchemas } from '../../schema/hypers.js';
import { scheduleProblems } from '../check-schedules.js';
import { lengthProblems, perGroupValues } from '../groups.js';
import { Rate, rateProblems, rates } from '../rate.js';
import { groupSchedules, SchedulesSchema } from '../schedule.js';
import type { PhasePlan } from '../types.js';
import { type Context, definePolicy, learnerDefaults } from './define.js';

/** Arguments that every policy but the finder hands on to `fit`. */
export const fitArguments = {
  wd: optional(PerGroup(hyperSchemas.wd(), "Weight decay (left out: the optimizer's)")),
  reset_opt: defaulted(Flag('Whether to start with a new optimizer state'), false),
  start_epoch: defaulted(Count('Epochs before this one are skipped', 0), 0),
};

/** What is wrong with `fitArguments` in a training of so many epochs. What is not given is not wrong. */
export const fitProblems = (
  { wd, start_epoch }: { wd?: number | number[]; start_epoch?: number },
  n_epoch: number | undefined,
  groups: number,
): FieldProblem[] => [
  ...lengthProblems(wd, '/wd', groups),
  ...(start_epoch !== undefined && n_epoch !== undefined && start_epoch >= n_epoch
    ? [
        {
          pointer: '/start_epoch',
          detail: `must be below the number of epochs, ${n_epoch}: nothing would be trained`,
        },
      ]
    : []),
];

interface FitPhase {
  n_epoch: number;
  lr?: Rate;
  wd?: number | number[];
  reset_opt: boolean;
  start_epoch: number;
}

/**
 * fastai's `Learner.fit`, in which every recipe ends: it sets `lr` (the Learner's, where none is given) and `wd`;
 * schedules drive the rest.
 * @throws OnecycleError `invalid_spec` where the rate waits for a finder
 */
export function fitPhase(fit: FitPhase, schedules: PhasePlan['schedules'], context: Context): PhasePlan {
  const { n_epoch, lr = context.lr, wd, reset_opt, start_epoch } = fit;
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

/** fastai's `Learner.fit(n_epoch, lr)`, with custom schedules for any hyper (its `ParamScheduler`). */
export const fit = definePolicy({
  schema: strict(
    {
      name: Type.Literal('fit'),
      n_epoch: Count('Number of epochs'),
      lr: defaulted(Rate('Learning rate'), learnerDefaults.lr),
      schedules: optional(SchedulesSchema),
      ...fitArguments,
    },
    { title: 'Fit', description: 'A constant rate, or custom schedules' },
  ),
  fromLearner: ({ lr }) => ({ lr }),
  check: ({ n_epoch, lr, ...more }, groups) => [
    ...rateProblems(lr, '/lr', groups),
    ...fitProblems(more, n_epoch, groups),
  ],
  inDepth: { schedules: scheduleProblems },
  plan(policy, context) {
    const schedules: PhasePlan['schedules'] = {};
    for (const name of hyperNames) {
      const spec = policy.schedules?.[name];
      if (spec) schedules[name] = groupSchedules(spec, context.groups);
    }
    return [fitPhase(policy, schedules, context)];
  },
});
