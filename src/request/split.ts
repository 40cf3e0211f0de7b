/** Whether the rows that train make a batch. */
import { trainRows, type Split } from '../data/split.js';
import type { CompleteRequest } from './body.js';
import type { Problems } from './problems.js';

/** Notes a split that the data set has too few rows for, and a batch that the training rows don't fill. */
export function checkBatches(
  { batch_size: batchSize, drop_last: dropLast }: CompleteRequest,
  split: Split,
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
