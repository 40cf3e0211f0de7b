/** The queue as people see it: the queued jobs of all kinds of workers in the order in which they will run. */
import { defaultTenant } from '../../schema/tenant.js';
import type { QueuePage } from '../record.js';
import type { Client } from './client.js';
import { countJobs } from './count-jobs.js';
import { readDemand } from './demand.js';
import { liveWorkers } from './heartbeats.js';
import { keys } from './keys.js';
import { priorityOf } from './places.js';
import type { Queues } from './queues.js';
import { answers } from './records.js';
import { allTenants } from './tenants.js';

/** Which part of the queue is read: `limit` jobs behind position `after`. */
export interface QueueOptions {
  limit: number;
  after: number;
  /** Whose jobs; left out: everybody's. */
  tenant?: string;
}

interface Place {
  id: string;
  score: number;
}

/**
 * Each kind of worker has a line of its own, and what waits aside for its concurrency key stands behind others of its
 * priority: this is one list of them all.
 */
export async function readQueue(
  redis: Client,
  queues: Queues,
  { limit, after, tenant }: QueueOptions,
): Promise<QueuePage> {
  const count = after + limit;
  const [tenants, names, workers] = await Promise.all([allTenants(redis), queues.lines(), liveWorkers(redis)]);
  const mixed = tenant !== undefined && tenants.length > 1;
  const [paused, [queued, running, pausing], demand, lost, aside, ...lines] = await Promise.all([
    queues.paused(),
    countJobs(redis, ['queued', 'running', 'pausing'], mixed ? [tenant] : tenants),
    readDemand(redis, names, workers),
    Promise.all(names.map((line) => redis.lrange(queues.lost(line), 0, -1))),
    places(redis, mixed ? keys.asideOf(tenant) : keys.aside, count),
    // Where tenants take turns the lines are short.
    ...names.map((line) => places(redis, queues.places(line), mixed ? Infinity : count)),
  ]);
  // The next one is the last of its list.
  const first = lost.flatMap((list) => list.reverse()).map((id) => ({ id, score: -1 }));
  const inLine = [...first, ...lines.flat()];
  const own = mixed ? await ownOf(redis, inLine, tenant) : inLine;
  const inOrder = [...own, ...aside].sort((a, b) => a.score - b.score).map(({ id }) => id);
  const page = inOrder.slice(after, count);
  const records = redis.pipeline();
  for (const id of page) records.hmget(keys.record(id), 'status', '_band');
  const facts = await answers<[status: string | null, band: string]>(records);
  const data = page.flatMap((job, i) => {
    const [status, band] = facts[i];
    // Of a worker that died, or ended since the queue was read.
    return status === 'queued' ? [{ job, position: after + i + 1, priority: priorityOf(Number(band)) }] : [];
  });
  return { paused, queued, running: running + pausing, lines: demand, data };
}

/** Of these places those of a tenant. */
async function ownOf(redis: Client, all: readonly Place[], tenant: string): Promise<Place[]> {
  const pipeline = redis.pipeline();
  for (const { id } of all) pipeline.hget(keys.record(id), '_tenant');
  const found = await answers<string | null>(pipeline);
  return all.filter((_, i) => (found[i] ?? defaultTenant) === tenant);
}

/** The first `count` members of a sorted set. */
async function places(redis: Client, zset: string, count: number): Promise<Place[]> {
  const found = await redis.zrange(zset, '0', count === Infinity ? '-1' : String(count - 1), 'WITHSCORES');
  return found.flatMap((id, i) => (i % 2 === 0 ? [{ id, score: Number(found[i + 1]) }] : []));
}
