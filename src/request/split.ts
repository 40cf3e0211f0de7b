/** Which rows train, and whether they make a batch. */
import type { Problems } from './problems.js';
import { complete } from '../schema/complete.js';
import { RandomSplit, type CompleteRequest } from './body.js';
import type { JobSpec } from './spec.js';

/** The split with its defaults filled in. */
export const resolveSplit = (split: CompleteRequest['split']): JobSpec['split'] =>
  'train_rows' in split ? split : complete(RandomSplit, split);

/** How many rows train: as fastai's RandomSplitter cuts. */
export const trainRows = (split: JobSpec['split'], rows: number): number =>
  'train_rows' in split ? split.train_rows : rows - Math.floor(split.valid_pct * rows);

/** Notes a split that the data set has too few rows for, and a batch that no training row would be left for. */
export function checkBatches(
  { batch_size: batchSize, drop_last: dropLast }: CompleteRequest,
  split: JobSpec['split'],
  rows: number,
  problems: Problems,
): void {
  if ('train_rows' in split && split.train_rows > rows) {
    problems.add('/split/train_rows', `must be at most ${rows}, the rows of the data set, not ${split.train_rows}`);
    return;
  }
  const training = trainRows(split, rows);
  if (dropLast && batchSize > training) {
    problems.add(
      '/batch_size',
      `must be at most ${training}, the rows that train, or drop_last must be false: no batch would be full`,
    );
  }
}
