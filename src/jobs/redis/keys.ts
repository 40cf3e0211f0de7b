/** The names of everything onecycle keeps in Redis. BullMQ's own keys begin with `queuePrefix`. */
import { customAlphabet } from 'nanoid';
import { isClusterUrl } from '../../config.js';
import { defaultTenant } from '../../schema/tenant.js';
import type { DeviceKind, JobStatus, JobType } from '../record.js';
import type { Line } from './lines.js';

/**
 * How all names begin. In a cluster, braces keep all keys on one server, where scripts can reach them; elsewhere there
 * are none, as ever, so that what earlier versions have stored is found.
 */
export const keyRoot = isClusterUrl() ? '{onecycle}' : 'onecycle';

/** How BullMQ's keys begin. */
export const queuePrefix = `${keyRoot}:queue`;
/** BullMQ's name of a line's queue. */
export const queueName = (line: Line): string => `onecycle-${line}`;

/** What a key of a tenant has behind its name; nothing for the default one's, as in a service without tenants. */
const of = (tenant = defaultTenant): string => (tenant === defaultTenant ? '' : `@${tenant}`);

/** The keys of all else, as they are outside of a cluster. */
const names = {
  /** A job's record, a hash: fields.ts. */
  record: (id: string) => `onecycle:job:${id}`,
  /** A job's log, a stream: log/entries.ts. */
  log: (id: string) => `onecycle:log:${id}`,
  /** A tenant's jobs, or those of one status, of one type, in the order of their creation. */
  index: (status?: JobStatus, tenant?: string, type?: JobType) =>
    `onecycle:jobs${of(tenant)}${status ? `:${status}` : ''}${type ? `:${type}` : ''}`,
  /** A tenant's jobs with a tag, given as its name or as `name:value`, in that order; how all of these begin. */
  tagged: (tag: string, tenant?: string) => `onecycle:tagged${of(tenant)}${tag && `:${tag}`}`,
  /** There once all jobs are in the indexes by type and tag: indexes.ts. */
  indexed: 'onecycle:indexed',
  /** Tenants beside the default one that have, or had, a key or a job: a set. */
  tenants: 'onecycle:tenants',
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
  /** Of a content: ids of the data sets that tenants have of it, a set; the default tenant's need not be there. */
  datasetHolders: (contentId: string) => `onecycle:dataset-holders:${contentId}`,
  /** A tenant's data sets in the order in which they were uploaded; counts them all. */
  datasets: (tenant?: string) => `onecycle:datasets${of(tenant)}`,
  datasetsCreated: 'onecycle:datasets:created',
  /** Jobs that were created on a data set, a set; those that have ended need it no more. */
  datasetJobs: (id: string) => `onecycle:dataset-jobs:${id}`,
  /** Uploads whose files are being stored, a set of tokens by content; and whether its files are being removed. */
  datasetClaims: (contentId: string) => `onecycle:dataset-claims:${contentId}`,
  datasetRemoval: (contentId: string) => `onecycle:dataset-removal:${contentId}`,
  /** Hashes of the content of deleted data sets whose files are still to be removed, a set. */
  datasetLeftovers: 'onecycle:datasets:leftovers',
  /** There while somebody receives an upload into the work folder of that token. */
  upload: (token: string) => `onecycle:upload:${token}`,
  /** Posted models, a hash: what is told of each, as JSON, by its id. */
  models: 'onecycle:models',
  /** Of a file: ids of the models that tenants have of it, a set. */
  modelHolders: (sha256: string) => `onecycle:model-holders:${sha256}`,
  /** Jobs that need a posted model, a sorted set: since when, in seconds since 1970. */
  modelUsers: (id: string) => `onecycle:model-users:${id}`,
  /** Webhooks, a hash: what is stored of each, as JSON, by its id. Those of a job stand in its record: webhooks/of-job.ts. */
  webhooks: 'onecycle:webhooks',
  /** Of a webhook: what is known of its deliveries, and what they say, as JSON by their ids. */
  webhookDeliveries: (id: string) => `onecycle:webhook-deliveries:${id}`,
  webhookData: (id: string) => `onecycle:webhook-data:${id}`,
  /** Its deliveries, sorted sets by milliseconds since 1970: when they are tried, when they ended. */
  webhookDue: (id: string) => `onecycle:webhook-due:${id}`,
  webhookDelivered: (id: string) => `onecycle:webhook-delivered:${id}`,
  webhookDead: (id: string) => `onecycle:webhook-dead:${id}`,
  /** Deliveries of all webhooks that wait, a sorted set: since when, in milliseconds since 1970. */
  webhooksWaiting: 'onecycle:webhooks:waiting',
  /**
   * Jobs that MLflow has not got all of, a sorted set: when they are looked at, in milliseconds since 1970; how far each
   * is there, a hash of JSON; up to which created job of a tenant all were taken up, a hash; who pushes them.
   */
  pushesDue: 'onecycle:mlflow:due',
  pushes: 'onecycle:mlflow:jobs',
  pushesSeen: 'onecycle:mlflow:seen',
  /** Those that were looked at and not pushed since, a sorted set: since when, in milliseconds since 1970. */
  pushesWaiting: 'onecycle:mlflow:waiting',
  pusher: 'onecycle:mlflow:pusher',
  /** Webhooks of jobs that have deliveries to make, sorted by when the next one is; those that have given some up, a set. */
  jobWebhooksDue: 'onecycle:job-webhooks:due',
  jobWebhooksDead: 'onecycle:job-webhooks:dead',
  /** API keys, a hash: what is known of each, as JSON, by its id. */
  apiKeys: 'onecycle:api-keys',
  /** Counts requests within a window of time. */
  hits: (name: string) => `onecycle:hits:${name}`,
  /** Streams that are open, of a key or a tenant: a sorted set, by when their leases run out, in milliseconds since 1970. */
  openStreams: (of: string) => `onecycle:streams:${of}`,
  /** Whose a ticket is, as JSON, while it may be redeemed; by its hash. */
  ticket: (hash: string) => `onecycle:ticket:${hash}`,
  idempotency: (key: string, tenant?: string) => `onecycle:idempotency${of(tenant)}:${key}`,
  /** Names of what deleted jobs have left in storage and is still to be removed, a set: redis/removal.ts. */
  leftovers: 'onecycle:leftovers',
  /** A name that this Redis gave itself: storage is swept by the one whose name stands in it. */
  name: 'onecycle:name',
  /** Says for a while that files stored under this id were removed: no job may be created under it any more. */
  abandoned: (id: string) => `onecycle:abandoned:${id}`,
  /**
   * How the sets of a concurrency key, or of another group of jobs, begin: ids of the jobs that run; by kind of worker, of those in its queue and of
   * those that wait aside.
   */
  sharing: (how: 'running' | 'inLine' | 'aside', rest: string) => `onecycle:concurrency:${how}:${rest}`,
  /** All jobs that wait aside, in the order of their places; and those of one tenant. */
  aside: 'onecycle:aside',
  asideOf: (tenant: string) => `onecycle:aside@${tenant}`,
  /** Concurrency keys, and other groups, that jobs wait aside for. */
  crowded: 'onecycle:crowded',
  /**
   * How the sorted sets of a tenant's turn begin, each by line and tenant: its jobs that are in line, and
   * those that wait aside for that: redis/scripts/turns.ts.
   */
  turn: (how: 'inLine' | 'aside', rest: string) => `onecycle:turn:${how}:${rest}`,
  /** Tenants that have jobs aside for their turn. */
  awaiting: 'onecycle:turn:awaiting',
  /** What tenants are limited to, a hash: JSON, by name. */
  tenantLimits: 'onecycle:tenants:limits',
  /** Bytes of a tenant's data sets and models, a hash by name. */
  tenantBytes: 'onecycle:tenants:bytes',
  /** Bytes of the data sets and models that an API key has stored, a hash by its id. */
  keyBytes: 'onecycle:api-keys:bytes',
  /** Jobs of an API key that wait, a set. */
  queuedBy: (key: string) => `onecycle:queued-by:${key}`,
  /** Ids of the workers that live, and of those whose end was not noticed yet. */
  workers: 'onecycle:workers',
  worker: (id: string) => `onecycle:worker:${id}`,
  /** There while any worker's sign of life is young; and for a while after they have come back. */
  beats: 'onecycle:beats',
  returned: 'onecycle:returned',
  /** Pools that jobs were queued for, a sorted set: when last, in seconds since 1970. */
  pools: 'onecycle:pools',
  /** Says of a worker that it takes no more jobs. */
  draining: (id: string) => `onecycle:draining:${id}`,
  /**
   * Ids of requests for predictions that no worker has taken, a list for each job protocol: the first one's has no number,
   * as workers that know no other take from it; and what each asks, while it may be answered.
   */
  predictions: (protocol: number) => `onecycle:predictions${protocol > 1 ? `:${protocol}` : ''}`,
  prediction: (id: string) => `onecycle:prediction:${id}`,
  /** A channel: what an API process has asked to have predicted. */
  predicted: (asker: string) => `onecycle:predicted:${asker}`,
  /**
   * A channel: ids of workers, and of jobs whose workers, that should look at what is asked of them; `pools` where there
   * is a new pool.
   */
  control: 'onecycle:control',
  newPool: 'pools',
} as const;

/** The same names with our root. */
export const keys = rooted(names);

function rooted<T extends object>(names: T): T {
  const entries = Object.entries(names).map(([name, key]: [string, unknown]) => [
    name,
    typeof key === 'function' ? (...args: unknown[]) => root(Reflect.apply(key, undefined, args)) : root(key),
  ]);
  // Each entry is again what it was: a text, or a function that makes one.
  return Object.fromEntries(entries) as T;
}

function root(key: unknown): string {
  return String(key).replace(/^onecycle/, keyRoot);
}

/** The group of the jobs that an API key has posted. No concurrency key is called so: create.ts. */
export const groupOfKey = (id: string): string => `@:${id}`;

const random = customAlphabet('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', 20);
/** A job's id: no number, and without a colon, which BullMQ refuses. */
export const newJobId = (): string => `job_${random()}`;
/** A checkpoint's id. */
export const newCheckpointId = (): string => `ckpt_${random()}`;
/** A webhook's id. */
export const newWebhookId = (): string => `wh_${random()}`;
/** A name that nobody else has: of a worker, a lease, a folder. */
export const newToken = (): string => random();
