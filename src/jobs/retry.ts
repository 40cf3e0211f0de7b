/** A job that failed or was cancelled is done again, as a new one, from where it stood. */
import { OnecycleError } from '../errors.js';
import type { Storage } from '../storage/storage.js';
import { artifacts } from './artifacts.js';
import { notFound } from './cancel.js';
import type { NewJob, RetryFrom } from './create.js';
import type { JobRecord } from './record.js';
import { readCheckpoints } from './redis/checkpoints.js';
import type { Client } from './redis/client.js';
import { keys } from './redis/keys.js';
import { readRecord } from './redis/records.js';
import { webhooksOf } from './webhooks/webhooks.js';

/**
 * The job that does another one again: the same spec and the same rows, from its last checkpoint, or from the start
 * where it has none.
 * @throws OnecycleError `conflict` where the job has neither failed nor been cancelled, `job_not_found` where it
 * is deleted meanwhile
 */
export async function retryOf(redis: Client, storage: Storage, job: JobRecord): Promise<NewJob> {
  if (job.status !== 'failed' && job.status !== 'cancelled')
    throw new OnecycleError(
      'conflict',
      `Job ${job.id} is ${job.status}; only a failed or cancelled job can be retried.`,
    );
  const [fit, inherited] = await redis.hmget(keys.record(job.id), '_fit', '_from');
  const webhooks = await webhooksOf(redis, job.id);
  const inputs = fit ?? job.id;
  const dataset = await maybe(storage, artifacts.dataset(inputs));
  const weights = await maybe(storage, artifacts.weightsBefore(inputs));
  const finder = await finderOf(redis, job);
  // A deletion takes the record before the files: while it is there, none was missing.
  if ((await redis.exists(keys.record(job.id))) === 0) throw notFound(job.id);
  return {
    type: job.type,
    // It is called as the old one is now.
    spec: { ...job.spec, name: job.name, tags: job.tags },
    files: { ...(dataset && { dataset }), ...(weights && { weights }) },
    ...(finder && { finder }),
    // With the secrets that their receivers know. Who is gone is left alone.
    webhooks: webhooks.filter(({ enabled }) => enabled),
    retry: { of: job.id, from: (await lastOf(redis, job.id)) ?? (JSON.parse(inherited ?? 'null') as RetryFrom | null) },
  };
}

async function lastOf(redis: Client, job: string): Promise<RetryFrom | null> {
  const last = (await readCheckpoints(redis, job)).at(-1);
  if (!last) return null;
  const { id, sha256, phase, epoch, iteration } = last;
  return { job, id, sha256, position: { phase, epoch, iteration } };
}

/** A fit that has no rate yet needs its finder again. */
async function finderOf(redis: Client, { lr_find }: JobRecord): Promise<NewJob['finder']> {
  if (!lr_find || lr_find.value !== null) return undefined;
  const finder = await readRecord(redis, lr_find.job);
  if (!finder) throw new OnecycleError('conflict', `Finder ${lr_find.job} of the job no longer exists.`);
  return { spec: finder.spec, suggestion: lr_find.suggestion };
}

async function maybe(storage: Storage, name: string): Promise<Uint8Array | undefined> {
  return (await storage.exists(name)) ? storage.get(name) : undefined;
}
