/** A user takes a job's device away for a while, and gives it back. */
import { OnecycleError } from '../errors.js';
import { notFound } from './cancel.js';
import { leaveLine } from './redis/admit.js';
import type { Client } from './redis/client.js';
import { keys } from './redis/keys.js';
import type { Line } from './redis/lines.js';
import type { Queues } from './redis/queues.js';

/**
 * A queued job rests at once; one that runs makes a checkpoint before its next batch and then rests.
 * @throws OnecycleError `job_not_found`, `conflict` where the job waits, rests already, or has ended
 */
export async function pauseJob(redis: Client, queues: Queues, id: string): Promise<void> {
  const answer = await redis.pauseJob(2, keys.record(id), keys.log(id));
  if (answer === 'missing') throw notFound(id);
  if (answer === 'asked') return;
  if (answer !== 'done') throw conflict(id, String(answer), 'paused');
  await leaveLine(redis, queues, id);
}

/** A paused job is queued again. @throws OnecycleError `job_not_found`, `conflict` where it is not paused */
export async function resumeJob(redis: Client, queues: Queues, id: string): Promise<void> {
  const [answer, line] = (await redis.resumeJob(2, keys.record(id), keys.log(id))) as [string, Line | ''];
  if (answer === 'missing') throw notFound(id);
  if (answer !== 'resumed') throw conflict(id, answer, 'resumed');
  if (line !== '') await queues.add(line, id);
}

const conflict = (id: string, status: string, what: string): OnecycleError =>
  new OnecycleError(
    'conflict',
    `Job ${id} ${status === 'ended' ? 'has ended' : `is ${status}`}; it cannot be ${what}.`,
  );
