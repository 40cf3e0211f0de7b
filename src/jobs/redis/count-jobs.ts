/** How many jobs there are, by status. */
import type { JobStatus } from '../record.js';
import type { Client } from './client.js';
import { keys } from './keys.js';
import { answers } from './records.js';

/** Counts the jobs of these tenants together, status by status. */
export async function countJobs(
  redis: Client,
  statuses: readonly JobStatus[],
  tenants: readonly string[],
): Promise<number[]> {
  const sizes = redis.pipeline();
  for (const status of statuses) for (const tenant of tenants) sizes.zcard(keys.index(status, tenant));
  const counts = await answers<number>(sizes);
  return statuses.map((_, i) =>
    counts.slice(i * tenants.length, (i + 1) * tenants.length).reduce((sum, count) => sum + count, 0),
  );
}
