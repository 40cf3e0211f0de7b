/** Uploaded rows as the data set of a job. */
import type { UploadedRequest } from '../../data/sources/uploaded.js';
import type { SplitRequest } from '../../data/split/index.js';
import type { Target } from '../../data/types.js';
import type { PixelStatistics } from '../../models/bodies/index.js';
import type { ResolvedUpload } from '../resolved-dataset.js';
import { resolveArrays } from './arrays.js';
import { resolveImages } from './images.js';
import { resolveTable } from './table.js';
import type { Upload } from './upload.js';

export { namedUploads, type Upload, type Uploads } from './upload.js';

/** What the rest of a job says of its rows. */
interface Job {
  /** What the loss needs, where it is known. */
  kind: Target['kind'] | undefined;
  split: SplitRequest | undefined;
  /** What the model's weights want pictures to be normalized by. */
  pixels: PixelStatistics | 'imagenet' | null;
}

/**
 * What a job's record says of uploaded rows, every default filled in.
 * @throws OnecycleError `invalid_spec`, its pointers from the body's root
 */
export function resolveUpload(request: UploadedRequest, upload: Upload, { kind, split, pixels }: Job): ResolvedUpload {
  const { kind: content } = upload.profile;
  if (content === 'table') return resolveTable(request, upload, kind, split);
  return content === 'images' ? resolveImages(request, upload, { kind, pixels }) : resolveArrays(request, upload, kind);
}
