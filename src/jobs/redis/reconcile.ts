/** Mends what a process left half-done between a record and the queue: a job that is to run, and that no queue knows, is queued again. */
import { keys } from './keys.js';
import type { Queues } from './queues.js';
import type { DeviceKind } from '../record.js';
import { answers } from './records.js';
import type { Client } from './client.js';
import { settleFit } from './settle.js';

/** A job that is younger may still be on its way to the queue. */
const settledMs = 5000;
const page = 500;

/** @returns ids of the jobs that were queued again. */
export async function reconcile(redis: Client, queues: Queues): Promise<string[]> {
  for (const id of await unknown(redis, queues, 'waiting')) await settleFit(redis, id, new Date().toISOString());
  const lost = [
    ...(await unknown(redis, queues, 'queued')),
    ...(await unknown(redis, queues, 'running')),
    ...(await unknown(redis, queues, 'pausing')),
  ];
  for (const id of lost) await queues.add((await redis.hget(keys.record(id), '_kind')) as DeviceKind, id);
  return lost;
}

/** Jobs of a status that their queue does not know. */
async function unknown(
  redis: Client,
  queues: Queues,
  status: 'waiting' | 'queued' | 'running' | 'pausing',
): Promise<string[]> {
  const found: string[] = [];
  for (let start = 0; ; start += page) {
    const ids = await redis.zrange(keys.index(status), String(start), String(start + page - 1));
    if (ids.length === 0) return found;
    const records = redis.pipeline();
    for (const id of ids) records.hmget(keys.record(id), '_kind', 'created_at');
    const facts = await answers<[kind: DeviceKind, created: string]>(records);
    const known = redis.pipeline();
    ids.forEach((id, i) => known.exists(queues.key(facts[i][0], id)));
    const exists = await answers<number>(known);
    found.push(
      ...ids.filter(
        (_, i) => exists[i] === 0 && Date.now() - Date.parse(JSON.parse(facts[i][1]) as string) > settledMs,
      ),
    );
  }
}
