import { defaultTenant } from '../schema/tenant.js';

/** The names of files in storage: those of jobs, and those that were uploaded. */
export const artifacts = {
  /** All jobs' folders. */
  folders: 'jobs',
  /** Of all of a job's files. */
  folder: (id: string) => `jobs/${id}`,
  /** As the client gave them: JSON. */
  dataset: (id: string) => `jobs/${id}/dataset.json`,
  weightsBefore: (id: string) => `jobs/${id}/weights_before.json`,
  /** The lease of an attempt that a shutdown has ended while Redis did not answer. */
  handedBack: (id: string) => `jobs/${id}/handed_back`,
  /** Its log, once it has ended: log/log-file.ts. */
  log: (id: string) => `jobs/${id}/log`,
  /** An attempt's results, apart from those of all others: one that was given up for dead may still store its own. */
  results: (id: string, attempt: number) => `jobs/${id}/attempts/${attempt}`,
  result: (id: string, attempt: number, file: string) => `jobs/${id}/attempts/${attempt}/${file}`,
  weights: (id: string, attempt: number) => `jobs/${id}/attempts/${attempt}/weights.safetensors`,
  checkpoints: (id: string) => `jobs/${id}/checkpoints`,
  checkpoint: (id: string, checkpoint: string) => `jobs/${id}/checkpoints/${checkpoint}.safetensors`,
  /** Inputs and answers of predictions that are too large for Redis; their names begin with when they were asked for. */
  predictions: 'predictions',
  prediction: (name: string) => `predictions/${name}`,
  /** Of all uploaded files, by their content. */
  uploads: 'datasets',
  upload: (sha256: string) => `datasets/${sha256}`,
  uploadFile: (sha256: string) => `datasets/${sha256}/file`,
  /** What was found in it as a tenant had it read, and of pictures which there are: JSON. */
  uploadProfile: (sha256: string, tenant = defaultTenant) =>
    `datasets/${sha256}/${tenant === defaultTenant ? '' : `tenants/${tenant}/`}profile.json`,
  uploadListing: (sha256: string) => `datasets/${sha256}/listing.json`,
  /** Small pictures of those in its preview. */
  thumbnail: (sha256: string, n: number) => `datasets/${sha256}/thumbnails/${n}.webp`,
  /** The weights of a posted model, by the SHA-256 of the file that was posted. */
  model: (sha256: string) => `models/${sha256}/weights.safetensors`,
  modelFolder: (sha256: string) => `models/${sha256}`,
  /**
   * Markers of jobs whose files are stored and whose records are not yet: each tells since when, in milliseconds since
   * 1970.
   */
  creations: 'creating',
  creation: (id: string) => `creating/${id}`,
  /** The name of the Redis whose jobs these are the files of. */
  owner: 'owner',
} as const;
