import { OnecycleError, invalidSpec } from '../errors.js';
import { SchedCos } from './annealers.js';
import type { Schedule, Value } from './types.js';

/**
 * Sums of percentages, and positions i / n, are only right up to rounding: what is this near to a boundary is on it.
 */
const rounding = 1e-12;

/** Whether shares make a whole. */
export const sumsToOne = (pcts: readonly number[]): boolean => Math.abs(sum(pcts) - 1) <= rounding;

/**
 * fastai's `combine_scheds`: `scheds[0]` from 0 to `pcts[0]`, then `scheds[1]` from there to `pcts[0] + pcts[1]`, and
 * so on; a boundary belongs to the part that begins there. The percentages are float64: in fastai's float32 a cycle's
 * first batch is missed.
 * @throws OnecycleError `invalid_spec` for percentages that are negative, don't sum to 1, or are not one per schedule
 */
export function combineScheds<V extends Value>(pcts: readonly number[], scheds: readonly Schedule<V>[]): Schedule<V> {
  if (pcts.length === 0 || pcts.length !== scheds.length) {
    throw new OnecycleError(
      'invalid_spec',
      `combineScheds needs one percentage for each schedule, not ${pcts.length} for ${scheds.length}`,
    );
  }
  const wrong = pcts.findIndex((pct) => !(pct >= 0));
  if (wrong >= 0) throw invalidSpec(`/pcts/${wrong}`, 'A percentage must be 0 or more');
  if (!sumsToOne(pcts)) throw invalidSpec('/pcts', `The percentages must sum to 1, not ${sum(pcts)}`);
  const starts = [0];
  for (const pct of pcts.slice(0, -1)) starts.push(starts.at(-1)! + pct);
  return (position) => {
    const part = Math.max(
      0,
      starts.findLastIndex((start) => position >= start - rounding),
    );
    return scheds[part](within(position, starts[part], starts[part + 1] ?? 1));
  };
}

/** The position in the part from start to end. A part of no length is met at its end. */
const within = (position: number, start: number, end: number): number =>
  end - start <= rounding ? 1 : Math.max(0, (position - start) / (end - start));

/** fastai's `combined_cos`: a cosine from start to middle until `pct`, then one from middle to end. */
export function combinedCos(pct: number, start: number, middle: number, end: number): Schedule;
export function combinedCos(pct: number, start: Value, middle: Value, end: Value): Schedule<Value>;
export function combinedCos(pct: number, start: Value, middle: Value, end: Value): Schedule<Value> {
  return combineScheds([pct, 1 - pct], [SchedCos(start, middle), SchedCos(middle, end)]);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
