/** The names of everything onecycle keeps in Redis. BullMQ's own keys begin with `queuePrefix`. */
import { customAlphabet } from 'nanoid';
import type { DeviceKind, JobStatus } from '../record.js';

/** How BullMQ's keys begin. */
export const queuePrefix = 'onecycle:queue';
/** BullMQ's name of the queue of a kind of device. */
export const queueName = (kind: DeviceKind): string => `onecycle-${kind}`;

/** The keys of all else. */
export const keys = {
  /** A job's record, a hash: fields.ts. */
  record: (id: string) => `onecycle:job:${id}`,
  /** A job's log, a stream: log/entries.ts. */
  log: (id: string) => `onecycle:log:${id}`,
  /** All jobs, or those of one status, in the order of their creation. */
  index: (status?: JobStatus) => (status ? `onecycle:jobs:${status}` : 'onecycle:jobs'),
  /** Counts the jobs that were created. */
  created: 'onecycle:created',
  /** What the service has done, a hash of counts: figures.ts. */
  figures: 'onecycle:figures',
  /** Jobs in the queue of a kind of worker, a sorted set: since when, in milliseconds since 1970. */
  queuedSince: (kind: DeviceKind | '') => `onecycle:queued-since:${kind}`,
  /** Ended jobs whose logs are still to be moved to storage. */
  unarchived: 'onecycle:unarchived',
  /** A job's checkpoints by their ids, a hash: checkpoints.ts. */
  checkpoints: (id: string) => `onecycle:checkpoints:${id}`,
  /** Jobs that go on from a checkpoint, a set: it stays for them. */
  pins: (checkpoint: string) => `onecycle:pins:${checkpoint}`,
  /** An uploaded data set, a hash: its record as JSON, its place in the index. */
  dataset: (id: string) => `onecycle:dataset:${id}`,
  /** All data sets in the order in which they were uploaded; counts them. */
  datasets: 'onecycle:datasets',
  datasetsCreated: 'onecycle:datasets:created',
  /** Jobs that were created on a data set, a set; those that have ended need it no more. */
  datasetJobs: (id: string) => `onecycle:dataset-jobs:${id}`,
  /** Uploads whose files are being stored, a set of tokens by data set; and whether its files are being removed. */
  datasetClaims: (id: string) => `onecycle:dataset-claims:${id}`,
  datasetRemoval: (id: string) => `onecycle:dataset-removal:${id}`,
  /** Hashes of the content of deleted data sets whose files are still to be removed, a set. */
  datasetLeftovers: 'onecycle:datasets:leftovers',
  /** There while somebody receives an upload into the work folder of that token. */
  upload: (token: string) => `onecycle:upload:${token}`,
  /** Posted models, a hash: what is told of each, as JSON, by its id. */
  models: 'onecycle:models',
  /** Jobs that need a posted model, a sorted set: since when, in seconds since 1970. */
  modelUsers: (id: string) => `onecycle:model-users:${id}`,
  /** Webhooks, a hash: what is stored of each, as JSON, by its id. */
  webhooks: 'onecycle:webhooks',
  /** Of a webhook: what is known of its deliveries, and what they say, as JSON by their ids. */
  webhookDeliveries: (id: string) => `onecycle:webhook-deliveries:${id}`,
  webhookData: (id: string) => `onecycle:webhook-data:${id}`,
  /** Its deliveries, sorted sets by milliseconds since 1970: when they are tried, when they ended. */
  webhookDue: (id: string) => `onecycle:webhook-due:${id}`,
  webhookDelivered: (id: string) => `onecycle:webhook-delivered:${id}`,
  webhookDead: (id: string) => `onecycle:webhook-dead:${id}`,
  /** API keys, a hash: what is known of each, as JSON, by its id. */
  apiKeys: 'onecycle:api-keys',
  /** Whose a ticket is, as JSON, while it may be redeemed; by its hash. */
  ticket: (hash: string) => `onecycle:ticket:${hash}`,
  idempotency: (key: string) => `onecycle:idempotency:${key}`,
  /** Names of what deleted jobs have left in storage and is still to be removed, a set: redis/removal.ts. */
  leftovers: 'onecycle:leftovers',
  /** A name that this Redis gave itself: storage is swept by the one whose name stands in it. */
  name: 'onecycle:name',
  /** Says for a while that files stored under this id were removed: no job may be created under it any more. */
  abandoned: (id: string) => `onecycle:abandoned:${id}`,
  /**
   * How the sets of a concurrency key begin: ids of the jobs that run; by kind of worker, of those in its queue and of
   * those that wait aside.
   */
  sharing: (how: 'running' | 'inLine' | 'aside', rest: string) => `onecycle:concurrency:${how}:${rest}`,
  /** All jobs that wait aside, in the order of their places. */
  aside: 'onecycle:aside',
  /** Concurrency keys that jobs wait aside for. */
  crowded: 'onecycle:crowded',
  /** Ids of the workers that live, and of those whose end was not noticed yet. */
  workers: 'onecycle:workers',
  worker: (id: string) => `onecycle:worker:${id}`,
  /** There while any worker's sign of life is young; and for a while after they have come back. */
  beats: 'onecycle:beats',
  returned: 'onecycle:returned',
  /** Says of a worker that it takes no more jobs. */
  draining: (id: string) => `onecycle:draining:${id}`,
  /** Ids of requests for predictions that no worker has taken, a list; and what each asks, while it may be answered. */
  predictions: 'onecycle:predictions',
  prediction: (id: string) => `onecycle:prediction:${id}`,
  /** A channel: what an API process has asked to have predicted. */
  predicted: (asker: string) => `onecycle:predicted:${asker}`,
  /** A channel: ids of workers, and of jobs whose workers, that should look at what is asked of them. */
  control: 'onecycle:control',
} as const;

const random = customAlphabet('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', 20);
/** A job's id: no number, and without a colon, which BullMQ refuses. */
export const newJobId = (): string => `job_${random()}`;
/** A checkpoint's id. */
export const newCheckpointId = (): string => `ckpt_${random()}`;
/** A webhook's id. */
export const newWebhookId = (): string => `wh_${random()}`;
/** A name that nobody else has: of a worker, a lease, a folder. */
export const newToken = (): string => random();
