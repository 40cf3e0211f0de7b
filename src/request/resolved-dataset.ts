import type { DatasetSpec } from '../data/sources/index.js';
import type { UploadedSpec } from '../data/sources/uploaded.js';
import type { DatasetInfo } from '../data/types.js';

/** The data set of a job. */
export interface ResolvedDataset {
  spec: DatasetSpec;
  info: DatasetInfo;
  /** Inline rows, as JSON `{x, y}`. */
  file?: Uint8Array;
}

/** An uploaded data set of a job. */
export type ResolvedUpload = ResolvedDataset & { spec: UploadedSpec };
