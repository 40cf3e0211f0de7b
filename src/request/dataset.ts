/** The rows of a job: what is known of them without reading them, and inline rows as a file. */
import { describeDataset } from '../data/sources/index.js';
import { parseInline } from '../data/sources/inline.js';
import type { DatasetInfo } from '../data/types.js';
import { invalidSpec } from '../errors.js';
import { pixelsOf } from '../models/presets/vision.js';
import type { ModelRequest, ModelSpec } from '../models/spec.js';
import { lossTarget } from '../learner/losses/index.js';
import type { JobRequest } from './body.js';
import { sha256 } from './hash.js';
import type { ResolvedDataset } from './resolved-dataset.js';
import type { JobSpec } from './spec.js';
import { resolveUpload, type Uploads } from './uploads/index.js';

/**
 * What a job's record says of its rows, what is known of them, and inline rows as a file. `model`: the one that they are
 * for, as far as it is known.
 * @throws OnecycleError `invalid_spec`, its pointers from the body's root
 */
export function resolveDataset(
  {
    dataset: request,
    loss,
    split,
    model,
  }: Pick<JobRequest, 'dataset' | 'loss' | 'split'> & { model?: ModelRequest | ModelSpec | undefined },
  uploads: Uploads,
): ResolvedDataset {
  // Class indexes may be predicted as values, where the loss says so.
  const kind = loss && lossTarget(loss);
  if ('id' in request) {
    const upload = uploads.get(request.id);
    if (!upload) throw invalidSpec('/dataset/id', `there is no data set ${request.id}`);
    return resolveUpload(request, upload, { kind, split, pixels: model && 'preset' in model ? pixelsOf(model) : null });
  }
  if (!('inline' in request)) return { spec: request, info: describeDataset(request, kind) };
  const { rows, x_shape, target } = parseInline(request.inline, kind);
  const file = Buffer.from(JSON.stringify(request.inline));
  return { spec: { inline: { rows, x_shape, target, sha256: sha256(file) } }, info: { rows, x_shape, target }, file };
}

/** What a job's spec says of its rows. */
export const datasetInfo = ({ dataset, loss }: JobSpec): DatasetInfo => describeDataset(dataset, lossTarget(loss));
