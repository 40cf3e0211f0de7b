/** The queue as people see it: the queued jobs of all kinds of workers in the order in which they will run. */
import type { QueuePage } from '../record.js';
import type { Client } from './client.js';
import { readDemand } from './demand.js';
import { keys } from './keys.js';
import { priorityOf } from './places.js';
import type { Queues } from './queues.js';
import { answers } from './records.js';

/** Which part of the queue is read: `limit` jobs behind position `after`. */
export interface QueueOptions {
  limit: number;
  after: number;
}

interface Place {
  id: string;
  score: number;
}

/**
 * Each kind of worker has a line of its own, and what waits aside for its concurrency key stands behind others of its
 * priority: this is one list of them all.
 */
export async function readQueue(redis: Client, queues: Queues, { limit, after }: QueueOptions): Promise<QueuePage> {
  const count = after + limit;
  const names = await queues.lines();
  const [paused, [queued, running, pausing], demand, lost, ...lines] = await Promise.all([
    queues.paused(),
    countStatuses(redis),
    readDemand(redis, queues),
    Promise.all(names.map((line) => redis.lrange(queues.lost(line), 0, -1))),
    ...names.map((line) => places(redis, queues.places(line), count)),
    places(redis, keys.aside, count),
  ]);
  const inOrder = [
    // The next one is the last of its list.
    ...lost.flatMap((list) => list.reverse()),
    ...lines
      .flat()
      .sort((a, b) => a.score - b.score)
      .map(({ id }) => id),
  ];
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

async function countStatuses(redis: Client): Promise<number[]> {
  const counts = redis.pipeline();
  for (const status of ['queued', 'running', 'pausing'] as const) counts.zcard(keys.index(status));
  return answers<number>(counts);
}

/** The first `count` members of a sorted set. */
async function places(redis: Client, zset: string, count: number): Promise<Place[]> {
  const found = await redis.zrange(zset, '0', String(count - 1), 'WITHSCORES');
  return found.flatMap((id, i) => (i % 2 === 0 ? [{ id, score: Number(found[i + 1]) }] : []));
}
