/**
 * What the API and the command line know of jobs.  Pure: record, frames, artifacts, queue-reason. The API's side: jobs,
 * create, cancel, remove. A worker's side: job-worker (its place at the queue), job-runner (take, run, conclude), tidy,
 * sweep, retention, orphans.
 * redis/ has what is stored how: keys, scripts, fields, records, queues, heartbeats. log/ has a job's frames on their
 * way: attempt writes, read, follow and tails read, archive moves them to storage.
 */
export type { ServiceFigures } from './figures.js';
export type { Identity } from './access/access.js';
export type { StreamLease } from './access/open-streams.js';
export { artifacts } from './artifacts.js';
export type { BatchesFrame, EpochFrame, Frame, RewindFrame, StatusFrame, StoredFrame } from './frames.js';
export { parseFrame } from './frames.js';
export type { NewJob, Poster } from './create.js';
export type { Owner } from './quota.js';
export { Jobs } from './jobs.js';
export { isTerminal, jobStatuses } from './record.js';
export type * from './record.js';
export type { ListOptions } from './list-query.js';
export type { JobChange } from './update.js';
export type { RedisAddress } from './redis/client.js';
