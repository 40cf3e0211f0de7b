/** One value per parameter group: fastai's optimizer takes one for all, or a list with one for each group. */
import type { FieldProblem } from '../errors.js';
import type { Value } from './types.js';

/** The value of one parameter group: a list has one per group, or one for all. */
export const ofGroup = (value: Value, group: number): number =>
  typeof value === 'number' ? value : value.length === 1 ? value[0] : value[group];

/** One value per group, from one for all or a list. */
export const perGroupValues = (value: Value, groups: number): number[] =>
  Array.from({ length: groups }, (_, group) => ofGroup(value, group));

/** What is wrong with the length of a list of values (or of `what` else) for a model of so many groups. */
export const lengthProblems = (value: unknown, pointer: string, groups: number, what = 'value'): FieldProblem[] =>
  !Array.isArray(value) || value.length === groups || value.length === 1
    ? []
    : [{ pointer, detail: `must have one ${what} for each of the ${groups} parameter groups, not ${value.length}` }];
