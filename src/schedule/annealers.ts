/**
 * fastai's annealers (fastai/callback/schedule.py): functions of a position in [0, 1], on numbers and, value by value,
 * on arrays.
 */
import { OnecycleError } from '../errors.js';
import type { Schedule, Value } from './types.js';

/** A function of (start, end, position). */
export type Anneal = (start: number, end: number, position: number) => number;

/** Linear: start at 0, end at 1. */
export const schedLin: Anneal = (start, end, position) => start + position * (end - start);
/** Half a cosine. */
export const schedCos: Anneal = (start, end, position) =>
  start + ((1 + Math.cos(Math.PI * (1 - position))) * (end - start)) / 2;
/** Constant. */
export const schedNo: Anneal = (start) => start;
/** Exponential: not a number unless both are of one sign and not zero. */
export const schedExp: Anneal = (start, end, position) => start * (end / start) ** position;

/**
 * `(start, end)` partially applied: with a list on either side the schedule gives lists, one value per parameter group.
 */
export interface Annealer {
  (start: number, end: number): Schedule;
  (start: Value, end: Value): Schedule<Value>;
}

/**
 * fastai's `annealer`: turns a function of (start, end, position) into one of (start, end) that gives a function of
 * position. @throws OnecycleError `invalid_spec` where start and end are lists of two lengths
 */
export function annealer(anneal: Anneal): Annealer {
  function apply(start: number, end: number): Schedule;
  function apply(start: Value, end: Value): Schedule<Value>;
  function apply(start: Value, end: Value): Schedule<Value> {
    if (typeof start === 'number' && typeof end === 'number') return (position) => anneal(start, end, position);
    const length = commonLength(start, end);
    return (position) => Array.from({ length }, (_, i) => anneal(valueAt(start, i), valueAt(end, i), position));
  }
  return apply;
}

/** Linear from start to end. */
export const SchedLin = annealer(schedLin);
/** Half a cosine from start to end. */
export const SchedCos = annealer(schedCos);
/** Constant at start. */
export const SchedNo = annealer(schedNo);
/** Exponential from start to end; both of one sign and not zero, or it is not a number. */
export const SchedExp = annealer(schedExp);

/** `position ** power` of the way from start to end. */
export function SchedPoly(start: number, end: number, power: number): Schedule;
export function SchedPoly(start: Value, end: Value, power: number): Schedule<Value>;
export function SchedPoly(start: Value, end: Value, power: number): Schedule<Value> {
  return annealer((from, to, position) => from + (to - from) * position ** power)(start, end);
}

/**
 * fastai's `even_mults`: n values from start to stop, each the same multiple of the one before. With n = 1 it is stop
 * alone.
 */
export function evenMults(start: number, stop: number, n: number): number[] {
  if (n === 1) return [stop];
  const factor = (stop / start) ** (1 / (n - 1));
  return Array.from({ length: n }, (_, i) => start * factor ** i);
}

const valueAt = (value: Value, i: number): number => (typeof value === 'number' ? value : value[i]);

function commonLength(...values: Value[]): number {
  const lengths = values.filter((value) => typeof value !== 'number').map((list) => list.length);
  if (new Set(lengths).size > 1) {
    throw new OnecycleError(
      'invalid_spec',
      `A schedule's lists must have the same length, one value per parameter group, not ${lengths.join(' and ')}`,
    );
  }
  return lengths[0];
}
