import { invalidSpec, type FieldProblem } from '../../errors.js';
import { evenMults } from '../annealers.js';
import {
  type Check,
  type Checks,
  count,
  flag,
  isObject,
  listOf,
  objectOf,
  oneAGroup,
  perGroup,
  positive,
  problem,
  suggestion,
} from '../check.js';
import type { FromLrFind, LearningRate, Value } from '../types.js';
import { ofGroup } from '../spec.js';

/** One value a group, from one for all or a list. */
export const perGroupValues = (value: Value, groups: number): number[] =>
  Array.from({ length: groups }, (_, group) => ofGroup(value, group));

/** One rate a group, as fastai's `set_hyper` has it: `{stop}` gives a tenth of it to all but the last, `{start, stop}` even multiples. */
export function rates(rate: LearningRate | FromLrFind, pointer: string, groups: number): number[] {
  if (typeof rate === 'number' || Array.isArray(rate)) return perGroupValues(rate, groups);
  if ('lr_find' in rate) throw invalidSpec(pointer, "must be a number here: the finder's suggestion is not known yet");
  if (rate.start !== undefined) return evenMults(rate.start, rate.stop, groups);
  return [...Array.from({ length: groups - 1 }, () => rate.stop / 10), rate.stop];
}

/** The arguments of a finder, as `lr_find` itself and a rate `{"lr_find": …}` take them. */
export const lrFindArguments: Checks = {
  start_lr: perGroup(positive),
  end_lr: perGroup(positive),
  num_it: count,
  stop_div: flag,
  suggest_funcs: listOf(suggestion),
};

/** Every group's start_lr must be below its end_lr; where one is not given it is fastai's. */
export function checkRange(finder: Record<string, unknown>, pointer: string): FieldProblem[] {
  const start = [finder.start_lr ?? 1e-7].flat();
  const end = [finder.end_lr ?? 10].flat();
  if (![...start, ...end].every((value) => typeof value === 'number')) return [];
  const length = Math.max(start.length, end.length);
  const apart = Array.from({ length }, (_, i) => Number(start[i] ?? start[0]) < Number(end[i] ?? end[0]));
  return apart.includes(false) ? problem(`${pointer}/start_lr`, `must be below end_lr`) : [];
}

const slice = objectOf({ start: positive, stop: positive }, ['stop']);
const list = listOf(positive, oneAGroup);
const finder = objectOf({ suggestion, ...lrFindArguments }, ['suggestion']);

const fromLrFind: Check = (value, pointer, groups) =>
  typeof value === 'string'
    ? suggestion(value, pointer, groups)
    : [...finder(value, pointer, groups), ...(isObject(value) ? checkRange(value, pointer) : [])];

/** A number, or a finder's suggestion for one. */
export const baseRate: Check = (value, pointer, groups) =>
  isObject(value) && 'lr_find' in value
    ? objectOf({ lr_find: fromLrFind }, ['lr_find'])(value, pointer, groups)
    : positive(value, pointer, groups);

/** Any form of learning rate. */
export const rate: Check = (value, pointer, groups) => {
  if (Array.isArray(value)) return list(value, pointer, groups);
  if (isObject(value) && !('lr_find' in value)) return slice(value, pointer, groups);
  return baseRate(value, pointer, groups);
};
