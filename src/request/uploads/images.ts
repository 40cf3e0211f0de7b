/** Uploaded pictures as the data set of a job. */
import { labelPictures } from '../../data/files/labels.js';
import type { Listing } from '../../data/files/pictures.js';
import {
  describeStored,
  type StoredRows,
  type UploadedRequest,
  type UploadedSpec,
} from '../../data/sources/uploaded.js';
import { shapeOfPictures } from '../../data/pictures/transform.js';
import { completeTransforms, type ItemSpec } from '../../data/transforms/index.js';
import type { Target } from '../../data/types.js';
import type { PixelStatistics } from '../../models/bodies/index.js';
import { invalidSpec } from '../../errors.js';
import type { ResolvedUpload } from '../resolved-dataset.js';
import { Problems } from '../problems.js';
import { oneClass, type Upload } from './upload.js';

/** @throws OnecycleError `invalid_spec`, its pointers from the body's root */
export function resolveImages(
  request: UploadedRequest,
  upload: Upload,
  { kind, pixels }: { kind: Target['kind'] | undefined; pixels: PixelStatistics | 'imagenet' | null },
): ResolvedUpload {
  const problems = new Problems();
  const listing = upload.listing!;
  for (const field of ['target', 'categorical', 'continuous', 'fill_missing'] as const)
    if (request[field] !== undefined)
      problems.add(`/dataset/${field}`, 'must be left out: for images, the `label` is predicted');
  if (kind === 'values' || request.task === 'regression')
    problems.add(kind === 'values' ? '/loss' : '/dataset/task', 'must be for classes: labels of pictures are classes');
  const label = request.label ?? { folder: true as const };
  const labelled = problems.collect('', () => labelPictures(listing, label));
  const item_tfms = problems.collect('', () => itemTransforms(request.item_tfms, listing));
  if (labelled?.classes.length === 1)
    problems.add('/dataset/label', `gives every picture the label ${JSON.stringify(labelled.classes[0])}: ${oneClass}`);
  problems.throwAny();
  const { pictures, classes } = labelled!;
  const given = request.batch_tfms ?? [];
  const normalized = pixels === null || given.some(({ name }) => name === 'normalize');
  const batch_tfms = normalized ? given : [...given, { name: 'normalize' as const, stats: pixels }];
  const transforms = completeTransforms({ item_tfms: item_tfms!, batch_tfms });
  const guessed = [
    ...(request.label === undefined ? (['label'] as const) : []),
    ...(normalized ? [] : (['normalize'] as const)),
  ];
  const stored: StoredRows = {
    sha256: upload.sha256,
    kind: 'images',
    rows: pictures.length,
    x_shape: shapeOfPictures(transforms),
    predicts: { kind: 'classes', classes: classes.length },
    classes,
  };
  const spec: UploadedSpec = {
    id: upload.id,
    task: 'classification',
    ...(guessed.length > 0 && { guessed }),
    label,
    ...transforms,
    stored,
  };
  return { spec, info: describeStored(stored) };
}

/** Without item transforms all pictures must have one size, which those that are predicted are brought to. */
function itemTransforms(given: UploadedRequest['item_tfms'], { pictures }: Listing): ItemSpec[] {
  if (given !== undefined) return given;
  const [{ width, height }] = pictures;
  const other = pictures.find((each) => each.width !== width || each.height !== height);
  if (!other) return [{ name: 'resize', size: [height, width] }];
  throw invalidSpec(
    '/dataset/item_tfms',
    `must have a resize, {"name": "resize", "size": 224}: pictures differ in size, ${width} × ${height} and ${other.width} × ${other.height}`,
  );
}
