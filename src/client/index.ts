/** The typed client, for Node and browsers: `onecycle/client`. */
export { Onecycle, type OnecycleOptions } from './onecycle.js';
export { OnecycleError, type FieldProblem, type OnecycleErrorCode } from './errors.js';
export type { StreamOptions, StreamState } from './frames/follow.js';
export { Job, type PredictOptions } from './job.js';
export type { CreateOptions } from './jobs.js';
export type { Transport } from './streams.js';
export type { CsvOptions, DatasetUpload, Uploadable, UploadProgress } from './uploadable.js';
export * from './types.js';
export type { components, paths } from './schema.js';
