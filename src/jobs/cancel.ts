/** A user ends a job. */
import { OnecycleError } from '../errors.js';
import type { JobRecord } from './record.js';
import { leaveLine } from './redis/admit.js';
import type { Client } from './redis/client.js';
import { keys } from './redis/keys.js';
import type { Queues } from './redis/queues.js';

/**
 * Cancels at once what does not run; what runs, its worker is asked to end. A waiting fit's finder goes with it, and
 * with a finder the fit that waits for it.
 * @throws OnecycleError `job_not_found`, `conflict` where the job has ended already.
 */
export async function cancelJob(redis: Client, queues: Queues, job: JobRecord): Promise<void> {
  await cancelOne(redis, queues, job.id);
  if (job.status === 'waiting' && job.lr_find) await cancelOne(redis, queues, job.lr_find.job).catch(unlessConflict);
}

async function cancelOne(redis: Client, queues: Queues, id: string): Promise<void> {
  const outcome = await redis.cancelJob(2, keys.record(id), keys.log(id), new Date().toISOString());
  if (outcome === 'missing') throw notFound(id);
  if (outcome === 'ended') throw new OnecycleError('conflict', `Job ${id} has already ended.`);
  if (outcome !== 'cancelled') return;
  await leaveLine(redis, queues, id);
}

/** The error for an id that no job has. */
export const notFound = (id: string): OnecycleError => new OnecycleError('job_not_found', `There is no job ${id}.`);

function unlessConflict(error: unknown): void {
  if (!(error instanceof OnecycleError && error.code === 'conflict')) throw error;
}
