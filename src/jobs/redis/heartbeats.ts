/** Which workers live: each keeps a key alive that tells what it is. */
import { keys } from './keys.js';
import type { WorkerInfo } from '../record.js';
import type { Client } from './client.js';

export const heartbeatMs = 1500;
/** A worker that was not heard of for this long is taken for dead. */
const silenceMs = 6000;

export async function beat(redis: Client, worker: WorkerInfo): Promise<void> {
  await redis
    .multi()
    .set(keys.worker(worker.id), JSON.stringify(worker), 'PX', silenceMs)
    .sadd(keys.workers, worker.id)
    .exec();
}

export async function leave(redis: Client, id: string): Promise<void> {
  await redis.multi().del(keys.worker(id)).srem(keys.workers, id).exec();
}

export async function liveWorkers(redis: Client): Promise<WorkerInfo[]> {
  const ids = await redis.smembers(keys.workers);
  if (ids.length === 0) return [];
  const found = await redis.mget(ids.map((id) => keys.worker(id)));
  const silent = ids.filter((_, i) => found[i] === null);
  if (silent.length > 0) await redis.srem(keys.workers, ...silent);
  return found
    .flatMap((json) => (json ? [JSON.parse(json) as WorkerInfo] : []))
    .sort((a, b) => a.device.localeCompare(b.device));
}
