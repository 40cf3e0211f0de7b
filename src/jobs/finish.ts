/** A user has a job leave its schedule before its end. */
import { OnecycleError } from '../errors.js';
import { notFound } from './cancel.js';
import type { JobRecord } from './record.js';
import type { Client } from './redis/client.js';
import { keys } from './redis/keys.js';

/**
 * The job's rates anneal to zero over so many epochs, from its next batch on.
 * @throws OnecycleError `job_not_found`, `conflict` where the job does not run, is a finder, or finishes already
 */
export async function finishJob(redis: Client, { id, type }: JobRecord, cooldown: number): Promise<void> {
  if (type === 'lr_find') throw new OnecycleError('conflict', `Job ${id} is a finder; it has no schedule to leave.`);
  const answer = await redis.finishJob(2, keys.record(id), keys.log(id), cooldown);
  if (answer === 'missing') throw notFound(id);
  if (answer !== 'asked')
    throw new OnecycleError(
      'conflict',
      `Job ${id} is ${String(answer)}; only a running job that follows its schedule can leave it.`,
    );
}
