/** What a finder's curve says so far: while it runs, and when it has ended. */
import { complete } from '../schema/complete.js';
import type { SpecOf } from './policies/index.js';
import { lrFind } from './policies/lr-find.js';
import { shownSuggestions, suggest, suggestionPair, type SuggestionName, type Suggestions } from './suggestions.js';

/** A finder's suggestions as a client is shown them. */
export interface Findings {
  /** By the names that the finder asks for: rates, null where the curve allows none. */
  suggestions: Partial<Record<SuggestionName, number | null>>;
  /** Why, for each that is null, `lr_min` and `lr_steep` included. */
  reasons: Suggestions['reasons'];
  /** A tenth of the rate at the lowest loss; null where there is too little of a curve. */
  lr_min: number | null;
  /** The rate where the loss falls most steeply; null where there is too little of a curve. */
  lr_steep: number | null;
  /** What a plot marks: each rate that is suggested, with its point of the curve. */
  marks: { name: SuggestionName; suggested: number; point: { lr: number; loss: number } }[];
}

/**
 * Reads the suggestions of a finder off its curve so far: rates and smoothed losses, one per iteration (null where JSON
 * had no number).
 */
export function findings(
  curve: { lrs: readonly number[]; losses: readonly (number | null)[] },
  policy: SpecOf<'lr_find'>,
): Findings {
  const { num_it, suggest_funcs: names = shownSuggestions } = complete(lrFind.schema, policy);
  const { suggestions, reasons, points } = suggest(curve, num_it, [...new Set([...names, ...suggestionPair])]);
  const rate = (name: SuggestionName) => suggestions[name] ?? null;
  return {
    suggestions: Object.fromEntries(names.map((name) => [name, rate(name)])),
    reasons,
    lr_min: rate('lr_min'),
    lr_steep: rate('lr_steep'),
    marks: names.flatMap((name) => {
      const [suggested, point] = [rate(name), points[name]];
      return suggested !== null && point ? [{ name, suggested, point }] : [];
    }),
  };
}
