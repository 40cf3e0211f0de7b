/** A part of a job's curves, of no more rows than a client can use. */
import type { Cell, Columns } from './columns.js';
import { thin } from '../numbers/thin.js';

/** Which part: from the first to the last of these iterations, at most `points` (1 or more) of them. */
export interface Part {
  from?: number;
  to?: number;
  points?: number;
}

/**
 * The iterations of a range and the epochs that they belong to, at most `points` of each, thinned so that no spike is
 * lost: iterations by `raw_loss`, epochs by `valid_loss`, or by `train_loss` where no rows validate.
 */
export function narrow(columns: Columns, { from = 0, to = Infinity, points = Infinity }: Part): Columns {
  const [start, end] = range(columns.iteration, from, to);
  const rows = thin(columns.raw_loss.slice(start, end), points).map((row) => start + row);
  const pick = <T>(column: readonly T[]): T[] => rows.map((row) => column[row]);
  const epochs = epochsOf(columns, start, end);
  return {
    iteration: pick(columns.iteration),
    epoch: pick(columns.epoch),
    phase: pick(columns.phase),
    raw_loss: pick(columns.raw_loss),
    loss: pick(columns.loss),
    seconds: pick(columns.seconds),
    hypers: Object.fromEntries(Object.entries(columns.hypers).map(([name, groups]) => [name, groups.map(pick)])),
    epochs: thin(lossesOf(epochs), points).map((row) => epochs[row]),
  };
}

/** The rows of the iterations `from` to `to`: the first of them, and the one after the last. */
function range(iteration: readonly number[], from: number, to: number): [start: number, end: number] {
  const start = iteration.findIndex((each) => each >= from);
  return start < 0 ? [iteration.length, iteration.length] : [start, iteration.findLastIndex((each) => each <= to) + 1];
}

/** The epochs that have ended of those rows; of all rows all epochs, the ones without an iteration too. */
function epochsOf({ epoch, epochs }: Columns, start: number, end: number): Columns['epochs'] {
  const first = start === 0 ? 0 : (epoch[start] ?? Infinity);
  const last = end === epoch.length ? Infinity : (epoch[end - 1] ?? -1);
  return epochs.filter((each) => each.epoch >= first && each.epoch <= last);
}

/** What an epoch is judged by. */
function lossesOf(epochs: Columns['epochs']): Cell[] {
  const validated = epochs.some(({ valid_loss }) => valid_loss !== null);
  return epochs.map(({ valid_loss, train_loss }) => (validated ? valid_loss : train_loss));
}
