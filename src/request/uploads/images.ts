/** Uploaded pictures as the data set of a job. */
import { labelPictures } from '../../data/files/labels.js';
import type { Listing } from '../../data/files/pictures.js';
import {
  describeStored,
  type StoredRows,
  type UploadedRequest,
  type UploadedSpec,
} from '../../data/sources/uploaded.js';
import type { Target } from '../../data/types.js';
import { invalidSpec } from '../../errors.js';
import { isObject } from '../../schema/json.js';
import type { ResolvedUpload } from '../resolved-dataset.js';
import { Problems } from '../problems.js';
import type { Upload } from './upload.js';

/** @throws OnecycleError `invalid_spec`, its pointers from the body's root */
export function resolveImages(
  request: UploadedRequest,
  upload: Upload,
  kind: Target['kind'] | undefined,
): ResolvedUpload {
  const problems = new Problems();
  const listing = upload.listing!;
  for (const field of ['target', 'categorical', 'continuous', 'fill_missing'] as const)
    if (request[field] !== undefined)
      problems.add(`/dataset/${field}`, 'must be left out: the data set is images, whose `label` is predicted');
  if (kind === 'values' || request.task === 'regression')
    problems.add(kind === 'values' ? '/loss' : '/dataset/task', 'must be for classes: labels of pictures are classes');
  const label = request.label ?? { folder: true as const };
  const labelled = problems.collect('', () => labelPictures(listing, label));
  const x_shape = problems.collect('', () => shapeOf(request, listing));
  problems.throwAny();
  const { pictures, classes } = labelled!;
  const stored: StoredRows = {
    sha256: upload.sha256,
    kind: 'images',
    rows: pictures.length,
    x_shape: x_shape!,
    predicts: { kind: 'classes', classes: classes.length },
    classes,
  };
  const spec: UploadedSpec = {
    id: upload.id,
    task: 'classification',
    ...(request.label === undefined && { guessed: ['label' as const] }),
    label,
    item_tfms: request.item_tfms ?? [],
    batch_tfms: request.batch_tfms ?? [],
    stored,
  };
  return { spec, info: describeStored(stored) };
}

/** The last transform with a size says it; without one all pictures must have the same. */
function shapeOf(
  { item_tfms: items = [], batch_tfms: batches = [] }: UploadedRequest,
  { pictures }: Listing,
): number[] {
  const sizes = [...items, ...batches].flatMap((each) => (isObject(each) && 'size' in each ? [each.size] : []));
  const last = sizes.at(-1);
  if (typeof last === 'number') return [last, last, 3];
  if (Array.isArray(last) && last.length === 2 && last.every((axis) => typeof axis === 'number')) return [...last, 3];
  const [{ width, height }] = pictures;
  const other = pictures.find((each) => each.width !== width || each.height !== height);
  if (!other) return [height, width, 3];
  throw invalidSpec(
    '/dataset/item_tfms',
    `must have a resize, {"name": "resize", "size": 224}: pictures differ in size, ${width} × ${height} and ${other.width} × ${other.height}`,
  );
}
