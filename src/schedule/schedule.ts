/**
 * Custom schedules in JSON: an annealer by its name, or a `combine` of schedules, nested; and the functions that they
 * mean.
 */
import { Type, type Static, type TObject, type TProperties, type TUnsafe } from 'typebox';
import type { FieldProblem } from '../errors.js';
import { NotNegative, optional, PerGroup, Share, strict } from '../schema/fields.js';
import { hyperNames, type HyperName } from '../schema/hypers.js';
import { SchedCos, SchedExp, SchedLin, SchedNo, SchedPoly } from './annealers.js';
import { combinedCos, combineScheds } from './combine.js';
import { ofGroup } from './groups.js';
import type { Schedule } from './types.js';

/** What a value of a schedule may be: a number, or one per parameter group. */
export type ValueSchema = TUnsafe<number | number[]>;

/** One parameter group's numbers. */
type Numbers<Fields extends TProperties> = { [Name in keyof Static<TObject<Fields>>]: number };

interface JsonAnnealer<Fields extends TProperties> {
  description: string;
  /** Its arguments, given what a value may be. */
  fields: (value: ValueSchema) => Fields;
  schedule(args: Numbers<Fields>): Schedule;
  /** What is wrong with arguments that are each right. */
  problems?(args: Static<TObject<Fields>>): FieldProblem[];
}
const jsonAnnealer = <Fields extends TProperties>(parts: JsonAnnealer<Fields>): JsonAnnealer<Fields> => parts;

const startAndEnd = (value: ValueSchema) => ({ start: value, end: value });

/** fastai's annealers by the name that `fn` gives; a new one is an entry here. */
export const annealers = {
  sched_lin: jsonAnnealer({
    description: 'Linear',
    fields: startAndEnd,
    schedule: ({ start, end }) => SchedLin(start, end),
  }),
  sched_cos: jsonAnnealer({
    description: 'Half a cosine wave: flat at both ends',
    fields: startAndEnd,
    schedule: ({ start, end }) => SchedCos(start, end),
  }),
  sched_no: jsonAnnealer({
    description: 'Constant at `start`',
    fields: (value) => ({ start: value, end: optional(value) }),
    schedule: ({ start }) => SchedNo(start, start),
  }),
  sched_exp: jsonAnnealer({
    description: 'Exponential: the same factor at every step; 0 is not allowed',
    fields: startAndEnd,
    schedule: ({ start, end }) => SchedExp(start, end),
    problems: (args) => [...zeroProblems('start', args.start), ...zeroProblems('end', args.end)],
  }),
  sched_poly: jsonAnnealer({
    description: 'A polynomial: `start + (end - start) * position ** power`',
    fields: (value) => ({ ...startAndEnd(value), power: NotNegative('Exponent of the position') }),
    schedule: ({ start, end, power }) => SchedPoly(start, end, power),
  }),
  combined_cos: jsonAnnealer({
    description: 'A cosine from `start` to `middle`, then one from there to `end`',
    fields: (value) => ({
      pct: Share('Position of the middle, between 0 and 1'),
      start: value,
      middle: value,
      end: value,
    }),
    schedule: ({ pct, start, middle, end }) => combinedCos(pct, start, middle, end),
  }),
};

/** `start * (end / start) ** position` needs values above 0. */
const zeroProblems = (field: string, value: number | number[]): FieldProblem[] =>
  [value].flat().includes(0) ? [{ pointer: `/${field}`, detail: 'must be above 0 in an exponential schedule' }] : [];

/** The name of an annealer. */
export type AnnealerName = keyof typeof annealers;

type AnnealerSpec = {
  [Name in AnnealerName]: { fn: Name } & Static<TObject<ReturnType<(typeof annealers)[Name]['fields']>>>;
}[AnnealerName];

/** A custom schedule in JSON. */
export type ScheduleSpec = AnnealerSpec | { combine: CombinePart[] };

/**
 * A part of a `combine`: its share, and its schedule beside it or, as a `combined_cos` with its own `pct` must be,
 * within.
 */
export type CombinePart = ({ pct: number } & ScheduleSpec) | { pct: number; schedule: ScheduleSpec };

const Value: ValueSchema = Type.Unsafe(PerGroup(Type.Number(), 'Value of the hyperparameter'));

/**
 * Only the outermost schedule stands here: those inside a `combine`, and each hyper's range, are in `scheduleProblems`.
 */
export const ScheduleSchema = Type.Unsafe<ScheduleSpec>(
  Type.Union(
    [
      ...Object.entries(annealers).map(([fn, { description, fields }]) =>
        strict({ fn: Type.Literal(fn), ...fields(Value) }, { title: `Schedule_${fn}`, description }),
      ),
      strict(
        {
          combine: Type.Array(
            Type.Object(
              { pct: Share('Share of the whole') },
              { title: 'SchedulePart', description: 'A schedule with its share', additionalProperties: true },
            ),
            {
              minItems: 1,
              description:
                'The schedules in order: `{"pct": 0.3, "fn": …}` or `{"pct": 0.3, "schedule": {…}}`; ' +
                'each `pct` is its share of the whole, and the shares add up to 1',
            },
          ),
        },
        { title: 'Schedule_combine', description: 'Several schedules in sequence' },
      ),
    ],
    {
      title: 'Schedule',
      description: 'A custom schedule: an annealer, or several schedules in sequence (`combine`), nested at will',
    },
  ),
);

/** Hypers with the schedules that drive them. */
export type Schedules = Partial<Record<HyperName, ScheduleSpec | ScheduleSpec[]>>;

/** The argument `schedules` of `fit`. */
export const SchedulesSchema = Type.Unsafe<Schedules>(
  strict(
    Object.fromEntries(
      hyperNames.map((hyper) => [
        hyper,
        optional(Type.Union([ScheduleSchema, Type.Array(ScheduleSchema, { minItems: 1 })])),
      ]),
    ),
    {
      description:
        'A schedule for each hyperparameter: one for all parameter groups, or a list with one per parameter group',
    },
  ),
);

/** The schedule that a spec means for one parameter group. The spec must have passed its check. */
export function scheduleOf(spec: ScheduleSpec, group: number): Schedule {
  if ('combine' in spec) {
    const parts = spec.combine.map((part) => scheduleOf('schedule' in part ? part.schedule : part, group));
    return combineScheds(
      spec.combine.map((part) => part.pct),
      parts,
    );
  }
  const { fn, ...args } = spec;
  const numbers = Object.fromEntries(Object.entries(args).map(([name, value]) => [name, ofGroup(value, group)]));
  const named: { schedule(numbers: Record<string, number>): Schedule } = annealers[fn];
  return named.schedule(numbers);
}

/** One schedule per group, from one spec for all or from a list with one per group. */
export const groupSchedules = (spec: ScheduleSpec | ScheduleSpec[], groups: number): Schedule[] =>
  Array.from({ length: groups }, (_, group) =>
    scheduleOf(Array.isArray(spec) ? (spec.length === 1 ? spec[0] : spec[group]) : spec, group),
  );
