/** Uploaded arrays as the data set of a job. */
import {
  describeStored,
  type StoredRows,
  type UploadedRequest,
  type UploadedSpec,
} from '../../data/sources/uploaded.js';
import type { Target } from '../../data/types.js';
import { invalidSpec } from '../../errors.js';
import type { ResolvedUpload } from '../resolved-dataset.js';
import { Problems } from '../problems.js';
import { oneClass, type Upload } from './upload.js';

/** @throws OnecycleError `invalid_spec`, its pointers from the body's root */
export function resolveArrays(
  request: UploadedRequest,
  upload: Upload,
  kind: Target['kind'] | undefined,
): ResolvedUpload {
  const problems = new Problems();
  for (const field of [
    'target',
    'categorical',
    'continuous',
    'fill_missing',
    'label',
    'item_tfms',
    'batch_tfms',
  ] as const)
    if (request[field] !== undefined)
      problems.add(`/dataset/${field}`, 'must be left out: the data set is the arrays x and y');
  const byTask = request.task && (request.task === 'classification' ? 'classes' : 'values');
  if (byTask !== undefined && kind !== undefined && byTask !== kind)
    problems.add('/dataset/task', `must fit the loss, which is for ${kind}`);
  const predicts = problems.collect('', () => predictsOf(upload, byTask ?? kind));
  problems.throwAny();
  const { rows, x_shape = [1] } = upload.profile;
  const stored: StoredRows = {
    sha256: upload.sha256,
    kind: 'arrays',
    rows,
    x_shape,
    predicts: predicts!,
    classes: null,
  };
  const task = predicts!.kind === 'classes' ? 'classification' : 'regression';
  const guessed = request.task === undefined && { guessed: ['task' as const] };
  const spec: UploadedSpec = { id: upload.id, task, ...guessed, stored };
  return { spec, info: describeStored(stored) };
}

/** Whole numbers are classes, 0 to the greatest, unless they look like something else. */
function predictsOf({ profile: { arrays, classes, rows } }: Upload, wanted: Target['kind'] | undefined): Target {
  if (!arrays) throw new Error('The profile of arrays says nothing of y.');
  const { integers, outputs, min, max } = arrays;
  const values: Target = { kind: 'values', outputs };
  if (wanted === 'values' || (wanted === undefined && !integers)) return values;
  if (!integers || min < 0 || max >= 2 ** 31 - 1)
    throw invalidSpec('/dataset/task', 'must be regression: y is not a list of integers from 0, as classes are');
  const count = max + 1;
  if (wanted === undefined && (classes?.length !== count || count > rows))
    throw invalidSpec(
      '/dataset/task',
      `is required: y has integers from ${min} to ${max}, but not every one of them occurs. Use "classification" if they are classes, "regression" if they are values`,
    );
  if (count === 1) throw invalidSpec('/dataset/task', `must be regression: y is 0 in every row, ${oneClass}`);
  return { kind: 'classes', classes: count };
}
