/** Which rows train, and whether they make a batch. */
import { completeSplit, isByData, trainRows, type Split } from '../data/split/index.js';
import { invalidSpec } from '../errors.js';
import type { CompleteRequest, JobRequest } from './body.js';
import type { ResolvedDataset } from './resolved-dataset.js';
import type { Problems } from './problems.js';
import { resolveSplitByData } from './uploads/split.js';
import type { Uploads } from './uploads/index.js';

/**
 * The split as a job's record has it.
 * @throws OnecycleError `invalid_spec`, its pointers from the body's root
 */
export function resolveSplit({ split }: JobRequest, dataset: ResolvedDataset, uploads: Uploads): Split {
  if (split && isByData(split)) return resolveSplitByData(split, dataset, uploads);
  if (split && 'stratified' in split) checkStratified(dataset, uploads);
  return completeSplit(split);
}

/** Every class must have a row for each side. */
function checkStratified({ spec, info }: ResolvedDataset, uploads: Uploads): void {
  if (info.target.kind !== 'classes')
    throw invalidSpec('/split/stratified', 'must be left out: the target is not classes');
  if (!('stored' in spec)) return;
  const { columns, classes } = uploads.get(spec.id)!.profile;
  const values = spec.target ? columns?.find(({ name }) => name === spec.target?.[0])?.values : classes;
  const once = spec.label && !('folder' in spec.label) ? undefined : values?.find(({ rows }) => rows === 1);
  if (once)
    throw invalidSpec(
      '/split/stratified',
      `must be left out: the class ${JSON.stringify(once.name)} has one row only, which cannot be in both training and validation`,
    );
}

/** Notes a split that the data set has too few rows for, and a batch that the training rows don't fill. */
export function checkBatches(
  { batch_size: batchSize, drop_last: dropLast }: CompleteRequest,
  split: Split,
  rows: number,
  problems: Problems,
): void {
  if ('train_rows' in split && split.train_rows > rows) {
    problems.add(
      '/split/train_rows',
      `must be at most ${rows}, the number of rows of the data set, not ${split.train_rows}`,
    );
    return;
  }
  const training = trainRows(split, rows);
  if (dropLast && batchSize > training) {
    problems.add(
      '/batch_size',
      `must be at most ${training}, the number of training rows, or drop_last must be false: no batch would be full`,
    );
  }
}
