export { artifacts } from './artifacts.js';
export type { BatchesFrame, EpochFrame, Frame, RewindFrame, StatusFrame, StoredFrame } from './frames.js';
export { parseFrame } from './frames.js';
export type { NewJob } from './create.js';
export { Jobs } from './jobs.js';
export { isTerminal, jobStatuses } from './record.js';
export type * from './record.js';
export type { ListOptions } from './redis/records.js';
export type { RedisAddress } from './redis/client.js';
