/** The policies with fastai 2.8.12's arguments. Defaults are fastai's, and are filled in when the policy is planned. */
import { Type, type Static } from 'typebox';
import { hyperNames } from '../../schedule/types.js';
import {
  Count,
  FromLrFind,
  Positive,
  Rate,
  SuggestionName,
  lrFindArguments,
  oneOf,
  optional,
  strict,
} from './common.js';

const name = <const N extends string>(value: N) => Type.Literal(value);

/** What every policy but the finder takes. */
const fitArguments = {
  wd: optional(
    Type.Union([Type.Number({ minimum: 0 }), Type.Array(Type.Number({ minimum: 0 }), { minItems: 1 })], {
      description: "Weight decay, or one a parameter group; left out: the optimizer's",
    }),
  ),
  reset_opt: optional(Type.Boolean({ description: 'Start from a fresh optimizer: false' })),
  start_epoch: optional(Count('Epochs before this one are skipped: 0', 0)),
};

/** Both ends are left out, as fastai's schedule would be flat there. */
const pctStart = (standard: number) =>
  optional(
    Type.Number({
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      description: `Where the first part ends, between 0 and 1: ${standard}`,
    }),
  );
const div = (standard: number) => optional(Positive(`The rate starts at its maximum divided by this: ${standard}`));
const divFinal = optional(Positive('The rate ends at its maximum divided by this: 1e5'));
const moms = optional(
  Type.Array(Type.Number({ minimum: 0, exclusiveMaximum: 1 }), {
    minItems: 3,
    maxItems: 3,
    description: 'Momentum at the start, at the top and at the end: [0.95, 0.85, 0.95]',
  }),
);

const Hyper = Type.Union([Type.Number(), Type.Array(Type.Number(), { minItems: 1 })], {
  description: 'A number, or one a parameter group',
});

/** Only the outermost schedule stands here: those inside `combine` are checked when the policy is planned (src/schedule). */
export const Schedule = Type.Union(
  [
    strict({ fn: oneOf(['sched_lin', 'sched_cos', 'sched_exp']), start: Hyper, end: Hyper }),
    strict({ fn: name('sched_no'), start: Hyper, end: optional(Hyper) }),
    strict({ fn: name('sched_poly'), start: Hyper, end: Hyper, power: Type.Number() }),
    strict({
      fn: name('combined_cos'),
      pct: Type.Number({ minimum: 0, maximum: 1 }),
      start: Hyper,
      middle: Hyper,
      end: Hyper,
    }),
    strict({
      combine: Type.Array(Type.Object({ pct: Type.Number({ minimum: 0, maximum: 1 }) }, { additionalProperties: true }), {
        minItems: 1,
        description:
          'Schedules one after another: {"pct": 0.3, "fn": …} or {"pct": 0.3, "schedule": {…}}; `pct` is the part of the whole, and the parts add up to 1',
      }),
    }),
  ],
  {
    title: 'Schedule',
    description:
      "A schedule of one's own: an annealer, `combined_cos`, or schedules one after another (`combine`), nested as one likes",
  },
);

const Schedules = strict(
  Object.fromEntries(
    hyperNames.map((hyper) => [hyper, optional(Type.Union([Schedule, Type.Array(Schedule, { minItems: 1 })]))]),
  ),
  { description: 'A schedule a hyperparameter: one for all parameter groups, or a list with one a group' },
);

export const Policy = Type.Union(
  [
    strict(
      {
        name: name('fit'),
        n_epoch: Count('Epochs'),
        lr: optional(Rate('Learning rate: 0.001')),
        schedules: optional(Schedules),
        ...fitArguments,
      },
      { title: 'Fit' },
    ),
    strict(
      {
        name: name('fit_one_cycle'),
        n_epoch: Count('Epochs'),
        lr_max: optional(Rate('Highest rate: 0.001')),
        div: div(25),
        div_final: divFinal,
        pct_start: pctStart(0.25),
        moms,
        ...fitArguments,
      },
      {
        title: 'FitOneCycle',
        description:
          'Up to the highest rate and down again by cosines, momentum the other way round (Smith, Topin: Super-Convergence)',
      },
    ),
    strict(
      {
        name: name('fit_flat_cos'),
        n_epoch: Count('Epochs'),
        lr: optional(Rate('Learning rate: 0.001')),
        div_final: divFinal,
        pct_start: pctStart(0.75),
        ...fitArguments,
      },
      { title: 'FitFlatCos', description: 'A flat rate, then down by a cosine' },
    ),
    strict(
      {
        name: name('fit_sgdr'),
        n_cycles: Count('Cycles'),
        cycle_len: Count('Epochs of the first cycle'),
        lr_max: optional(Rate('Rate that a cycle starts from: 0.001')),
        cycle_mult: optional(Count('Each cycle is this many times as long as the one before: 2')),
        ...fitArguments,
      },
      { title: 'FitSgdr', description: 'Warm restarts (Loshchilov, Hutter: SGDR)' },
    ),
    strict(
      {
        name: name('fine_tune'),
        epochs: Count('Epochs with all layers'),
        base_lr: optional(
          Type.Union([Type.Number({ exclusiveMinimum: 0 }), FromLrFind], {
            description: 'Rate of the frozen epochs; half of it afterwards: 0.002',
          }),
        ),
        freeze_epochs: optional(Count('Epochs with all parameter groups but the last frozen: 1')),
        lr_mult: optional(Positive("The first group's rate is the last's divided by this: 100")),
        div: div(5),
        div_final: divFinal,
        pct_start: pctStart(0.3),
        moms,
        ...fitArguments,
      },
      {
        title: 'FineTune',
        description: 'One cycle with the body frozen, then one with all layers at discriminative rates',
      },
    ),
    strict(
      {
        name: name('lr_find'),
        ...lrFindArguments,
        suggest_funcs: optional(
          Type.Array(SuggestionName, { minItems: 1, description: 'The suggestions to make: all of them' }),
        ),
      },
      { title: 'LrFind', description: 'Trains with exponentially growing rates, and leaves no mark on the model' },
    ),
  ],
  {
    title: 'Policy',
    description: "A recipe of fastai's, with its arguments. Arguments that are left out take fastai's defaults",
  },
);
export type PolicyRequest = Static<typeof Policy>;
