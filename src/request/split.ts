/** Which rows train, and whether they make a batch. */
import type { Problems } from './problems.js';
import type { JobRequest } from './body.js';
import type { JobSpec } from './types.js';

export function resolveSplit(split: JobRequest['split']): JobSpec['split'] {
  if (split && 'train_rows' in split) return split;
  return { valid_pct: split?.valid_pct ?? 0.2, seed: split?.seed ?? 42 };
}

/** As fastai's RandomSplitter cuts. */
export const trainRows = (split: JobSpec['split'], rows: number): number =>
  'train_rows' in split ? split.train_rows : rows - Math.floor(split.valid_pct * rows);

export function checkBatches(
  { batch_size: batchSize = 64, drop_last: dropLast = true }: JobRequest,
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
