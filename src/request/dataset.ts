/** The rows of a job: what is known of them without reading them, and inline rows as a file. */
import { describeDataset, parseInline } from '../data/index.js';
import type { DatasetInfo } from '../data/types.js';
import { losses, type LossName } from '../learner/losses/index.js';
import { sha256 } from './hash.js';
import type { DatasetRequest } from './schema/dataset.js';
import type { DatasetSpec, JobSpec } from './spec.js';

export interface ResolvedDataset {
  spec: DatasetSpec;
  info: DatasetInfo;
  /** Inline rows, as JSON `{x, y}`. */
  file?: Buffer;
}

/** @throws OnecycleError `invalid_spec`, its pointers from the body's root. */
export function resolveDataset(request: DatasetRequest, loss: LossName | undefined): ResolvedDataset {
  // Class indexes may be predicted as values, where the loss says so.
  const kind = loss && losses[loss].target;
  if (!('inline' in request)) return { spec: request, info: describeDataset(request, kind) };
  const { rows, x_shape, target } = parseInline(request.inline, kind);
  const file = Buffer.from(JSON.stringify(request.inline));
  return { spec: { inline: { rows, x_shape, target, sha256: sha256(file) } }, info: { rows, x_shape, target }, file };
}

/** What a job's spec says of its rows. */
export const datasetInfo = ({ dataset, loss }: JobSpec): DatasetInfo =>
  'inline' in dataset ? dataset.inline : describeDataset(dataset, losses[loss].target);
