/** Jobs that wait aside for their concurrency key come into the queue when there is room for them. */
import type { Client } from './client.js';
import { keys } from './keys.js';
import type { Line } from './lines.js';
import type { Queues } from './queues.js';

/**
 * Queues as many jobs of a key as now may be; for a job without one (null) there is nothing to do. Should this process
 * end before they are in the queue, `reconcile` finds them.
 */
export async function admitJobs(redis: Client, queues: Queues, concurrencyKey: string | null): Promise<void> {
  if (concurrencyKey === null) return;
  const admitted = (await redis.admitJobs(0, concurrencyKey)) as string[];
  for (let i = 0; i < admitted.length; i += 2) await queues.add(admitted[i] as Line, admitted[i + 1]);
}

/** Does so for every key that jobs wait aside for. */
export async function admitAll(redis: Client, queues: Queues): Promise<void> {
  for (const key of await redis.smembers(keys.crowded)) await admitJobs(redis, queues, key);
}
