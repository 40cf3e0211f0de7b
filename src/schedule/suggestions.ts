/**
 * The learning-rate finder's suggestions, as fastai 2.8's functions compute them (fastai/callback/schedule.py), in
 * float32 as its `lr_find` does: losses that are equal there are equal here.
 */
import { oneOf } from '../schema/fields.js';

/** A suggested rate with the point of the curve that a plot marks, or why there is none. */
export type Suggestion = { lr: number; point: { lr: number; loss: number } } | { reason: string };

const at = (lrs: readonly number[], losses: readonly number[], i: number): Suggestion => ({
  lr: lrs[i],
  point: { lr: lrs[i], loss: losses[i] },
});

const tooFew = (needed: number, found: number): Suggestion => ({
  reason: `needs at least ${needed} points of the curve, but there are ${found}`,
});

/** Two thirds into the longest valley: the longest strictly falling subsequence of the losses. */
export function valley(lrs: readonly number[], losses: readonly number[]): Suggestion {
  if (losses.length === 0) return tooFew(1, 0);
  const lengths = fallingLengths(losses);
  const end = lengths.indexOf(lengths.reduce((a, b) => Math.max(a, b)));
  // fastai leaves the start at 0 where nothing ever falls, and at -1 where all falls up to the end.
  const start = end === 0 ? 0 : end - lengths[end];
  const sections = (end - start) / 3;
  const i = start + Math.floor(sections) + Math.floor(sections / 2);
  return i < 0 ? { reason: 'the longest valley is too short and is at the start of the curve' } : at(lrs, losses, i);
}

/**
 * For each loss, how long the longest strictly falling subsequence is that ends with it; by patience sorting, in n log
 * n.
 */
function fallingLengths(losses: readonly number[]): number[] {
  const tails: number[] = []; // tails[k]: the highest end of a subsequence of length k + 1
  return losses.map((value) => {
    const loss = Math.fround(value);
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (tails[middle] > loss) low = middle + 1;
      else high = middle;
    }
    tails[low] = loss;
    return low + 1;
  });
}

const slideWidth = 15;
const slideThreshold = Math.fround(0.005);

/** An interval of 15 points slides from the end towards the start, for as long as the slopes at its two ends differ. */
export function slide(lrs: readonly number[], losses: readonly number[]): Suggestion {
  const n = losses.length;
  if (n < slideWidth + 1) return tooFew(slideWidth + 1, n);
  const slopes = gradient(losses.map(Math.fround));
  let left = n - 1 - slideWidth;
  let suggested = left;
  while (left >= 0 && Math.abs(Math.fround(slopes[left + slideWidth] - slopes[left])) > slideThreshold)
    suggested = left--;
  return at(lrs, losses, suggested);
}

/** NumPy's `gradient`: central differences, one-sided at the ends. */
const gradient = (values: readonly number[]): number[] =>
  values.map((_, i) => {
    const [before, after] = [Math.max(0, i - 1), Math.min(values.length - 1, i + 1)];
    return Math.fround(Math.fround(values[after] - values[before]) / (after - before));
  });

/** A tenth of the rate at the lowest loss; the point is the lowest itself. */
export function minimum(lrs: readonly number[], losses: readonly number[]): Suggestion {
  if (losses.length === 0) return tooFew(1, 0);
  const i = indexOfLowest(losses.map(Math.fround));
  return { lr: lrs[i] / 10, point: { lr: lrs[i], loss: losses[i] } };
}

/** The rate of the steepest fall of the loss over the logarithm of the rate. */
export function steep(lrs: readonly number[], losses: readonly number[]): Suggestion {
  const n = losses.length;
  if (n < 2) return tooFew(2, n);
  const logs = lrs.map((lr) => Math.fround(Math.log(Math.fround(lr))));
  const loss = losses.map(Math.fround);
  const slopes = Array.from({ length: n - 1 }, (_, i) =>
    Math.fround(Math.fround(loss[i + 1] - loss[i]) / Math.fround(logs[i + 1] - logs[i])),
  );
  return at(lrs, losses, indexOfLowest(slopes));
}

const indexOfLowest = (values: readonly number[]): number =>
  values.reduce((best, value, i) => (value < values[best] ? i : best), 0);

type Reading = (lrs: readonly number[], losses: readonly number[]) => Suggestion;

/** fastai's four. */
const shown = { valley, slide, minimum, steep } satisfies Record<string, Reading>;
/** The pair that fastai's older `lr_find` returned: the tenth at the minimum, and the steepest. */
const pair = { lr_min: minimum, lr_steep: steep } satisfies Record<string, Reading>;
/** Every way to read a rate off a curve, by name: a new one is an entry here. */
const readings = { ...shown, ...pair };

/** The name of a suggestion. */
export type SuggestionName = keyof typeof readings;
/** All of them. */
export const suggestionNames = Object.keys(readings) as readonly SuggestionName[];
/** Those that are shown where a finder names none. */
export const shownSuggestions = Object.keys(shown) as readonly (keyof typeof shown)[];
/** The seed's pair, which stands beside the suggestions. */
export const suggestionPair = Object.keys(pair) as readonly (keyof typeof pair)[];

/** One of `suggestionNames`. */
export const SuggestionName = oneOf(suggestionNames, {
  title: 'SuggestionName',
  description: 'A method to read a learning rate off the curve of the finder',
});

/** What a curve suggests, by the suggestions' names. */
export interface Suggestions {
  /** Rates; null where no suggestion can be made. */
  suggestions: Partial<Record<SuggestionName, number | null>>;
  /** Why, for each null. */
  reasons: Partial<Record<SuggestionName, string>>;
  /** The points that `plot_lr_find` marks. */
  points: Partial<Record<SuggestionName, { lr: number; loss: number }>>;
}

/**
 * The part of a recorded curve that suggestions look at: fastai's `lr_find` drops the first tenth of `num_it` and the
 * last 5 points, and then everything from the first loss on that is not a number.
 */
export function usableCurve(
  curve: { lrs: readonly number[]; losses: readonly (number | null)[] },
  num_it: number,
): { lrs: number[]; losses: number[] } {
  const skip = Math.floor(num_it / 10);
  const kept = curve.losses.slice(skip, -5);
  const bad = kept.findIndex((loss) => !Number.isFinite(loss));
  const losses = kept.slice(0, bad < 0 ? undefined : bad).map(Number);
  return { lrs: curve.lrs.slice(skip, skip + losses.length), losses };
}

/**
 * The named suggestions for a recorded curve: rates and smoothed losses (null where JSON had no number), one per
 * iteration.
 */
export function suggest(
  curve: { lrs: readonly number[]; losses: readonly (number | null)[] },
  num_it: number,
  names: readonly SuggestionName[] = suggestionNames,
): Suggestions {
  const { lrs, losses } = usableCurve(curve, num_it);
  const result: Suggestions = { suggestions: {}, reasons: {}, points: {} };
  for (const name of names) {
    const found = readings[name](lrs, losses);
    result.suggestions[name] = 'lr' in found ? found.lr : null;
    if ('lr' in found) result.points[name] = found.point;
    else result.reasons[name] = found.reason;
  }
  return result;
}
