/** The names of everything onecycle keeps in Redis. BullMQ's own keys begin with `queuePrefix`. */
import { customAlphabet } from 'nanoid';
import type { DeviceKind, JobStatus } from '../record.js';

export const queuePrefix = 'onecycle:queue';
export const queueName = (kind: DeviceKind): string => `onecycle-${kind}`;

export const keys = {
  record: (id: string) => `onecycle:job:${id}`,
  log: (id: string) => `onecycle:log:${id}`,
  /** All jobs, or those of one status, in the order of their creation. */
  index: (status?: JobStatus) => (status ? `onecycle:jobs:${status}` : 'onecycle:jobs'),
  created: 'onecycle:created',
  /** Ended jobs whose logs are still to be moved to storage. */
  unarchived: 'onecycle:unarchived',
  idempotency: (key: string) => `onecycle:idempotency:${key}`,
  /** Says for a while that files stored under this id were removed: no job may be created under it any more. */
  abandoned: (id: string) => `onecycle:abandoned:${id}`,
  /** Ids of the workers that live, and of those whose end was not noticed yet. */
  workers: 'onecycle:workers',
  worker: (id: string) => `onecycle:worker:${id}`,
  /** A channel: ids of jobs whose workers should look at what is asked of them. */
  control: 'onecycle:control',
} as const;

const random = customAlphabet('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', 20);
export const newJobId = (): string => `job_${random()}`;
export const newToken = (): string => random();
