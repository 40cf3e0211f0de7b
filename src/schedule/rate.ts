/** Learning rates as a policy takes them. */
import { Type, type Static } from 'typebox';
import { invalidSpec, type FieldProblem } from '../errors.js';
import { isObject } from '../schema/json.js';
import { optional, Positive, strict } from '../schema/fields.js';
import { evenMults } from './annealers.js';
import { FromLrFind, fromLrFindProblems } from './finder.js';
import { lengthProblems, perGroupValues } from './groups.js';

/** fastai's slice of rates, from the first parameter group to the last. */
export const RateSlice = strict(
  {
    start: optional(
      Positive('Rate of the first parameter group; left out: a tenth of `stop` for all groups but the last'),
    ),
    stop: Positive('Rate of the last parameter group'),
  },
  { title: 'RateSlice', description: "fastai's slice: from `start` to `stop` in equal factors" },
);

/** fastai's learning rate: a number, a slice, a list with one per parameter group, or what a finder suggests. */
export const Rate = (description: string) =>
  Type.Union(
    [
      Type.Number({ exclusiveMinimum: 0 }),
      RateSlice,
      Type.Array(Type.Number({ exclusiveMinimum: 0 }), { minItems: 1, description: 'One per parameter group' }),
      FromLrFind,
    ],
    { description },
  );
/** As `Rate` says. */
export type Rate = Static<ReturnType<typeof Rate>>;

/** A rate that the policy itself spreads over the groups: a number, or what a finder suggests. */
export const BaseRate = (description: string) =>
  Type.Union([Type.Number({ exclusiveMinimum: 0 }), FromLrFind], { description });
/** As `BaseRate` says. */
export type BaseRate = Static<ReturnType<typeof BaseRate>>;

/** Whether an argument of a policy is a rate that a finder must suggest first. */
export const isFromLrFind = (value: unknown): value is FromLrFind => isObject(value) && 'lr_find' in value;

/** What is wrong with a rate for so many groups; nothing where it is not given. */
export const rateProblems = (rate: Rate | undefined, pointer: string, groups: number): FieldProblem[] =>
  isFromLrFind(rate) ? fromLrFindProblems(rate, pointer, groups) : lengthProblems(rate, pointer, groups);

/** A rate once its finder has run. @throws OnecycleError `invalid_spec` while it waits for its finder */
export function knownRate<R>(rate: R | FromLrFind, pointer: string): R {
  if (isFromLrFind(rate)) throw invalidSpec(pointer, "must be a number here: the finder's suggestion is not known yet");
  return rate;
}

/**
 * One rate per group, as fastai's `set_hyper` has it: `{stop}` gives a tenth of it to all but the last, `{start, stop}`
 * even multiples.
 * @throws OnecycleError `invalid_spec` while it waits for its finder
 */
export function rates(rate: Rate, pointer: string, groups: number): number[] {
  const known = knownRate(rate, pointer);
  if (typeof known === 'number' || Array.isArray(known)) return perGroupValues(known, groups);
  const { start, stop } = known;
  if (start !== undefined) return evenMults(start, stop, groups);
  return [...Array.from({ length: groups - 1 }, () => stop / 10), stop];
}
