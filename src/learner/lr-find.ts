/** What a learning-rate finder found, for a script and for a job alike. */
import { suggest, type SuggestionName } from '../schedule/index.js';
import type { Stopped } from './callbacks/lr-finder.js';
import type { BatchRecord } from './records.js';

/** A finder's curve, one point per iteration, and the rates that it suggests. */
export interface LrFindResult {
  /** Of the last parameter group. */
  lrs: number[];
  /** Smoothed, as fastai plots them. */
  losses: number[];
  rawLosses: number[];
  /** Rates; null where the curve allows none. */
  suggestions: Partial<Record<SuggestionName, number | null>>;
  /** Why a suggestion is null. */
  reasons: Partial<Record<SuggestionName, string>>;
  /** Why the curve ends. */
  stopped: Stopped;
}

/**
 * Reads a finder's result off what was recorded of it. `numIt`: the iterations that it was to run; `names`: all
 * suggestions if left out.
 */
export function lrFindResult(
  recorded: readonly BatchRecord[],
  { numIt, stopped, names }: { numIt: number; stopped: Stopped; names?: readonly SuggestionName[] | undefined },
): LrFindResult {
  // As fastai's Recorder, which keeps the last group's hypers.
  const curve = { lrs: recorded.map(({ hypers }) => hypers.lr.at(-1)!), losses: recorded.map(({ loss }) => loss) };
  const { suggestions, reasons } = suggest(curve, numIt, names);
  return { ...curve, rawLosses: recorded.map(({ raw_loss }) => raw_loss), suggestions, reasons, stopped };
}
