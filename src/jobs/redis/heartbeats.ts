/** Which workers live: each keeps a key alive that tells what it is. */
import { keys } from './keys.js';
import type { WorkerInfo } from '../record.js';
import type { Client } from './client.js';

/** Time between two signs of life. */
export const heartbeatMs = 1500;
/** A worker that was not heard of for this long is taken for dead. */
const silenceMs = 6000;
/** Where none was heard of for that long, the server was away: each gets this time to be heard of again. */
const returnMs = 2 * heartbeatMs;

/** Says that a worker lives, and what it is. */
export async function beat(redis: Client, worker: WorkerInfo): Promise<void> {
  await redis.beat(0, worker.id, JSON.stringify(worker), silenceMs, returnMs);
}

/** Says that a worker takes no more jobs. */
export async function leave(redis: Client, id: string): Promise<void> {
  await redis.multi().del(keys.worker(id)).srem(keys.workers, id).exec();
}

/** The workers that live, by device. */
export async function liveWorkers(redis: Client): Promise<WorkerInfo[]> {
  const found = (await redis.liveWorkers(0)) as string[];
  return found.map((json) => JSON.parse(json) as WorkerInfo).sort((a, b) => a.device.localeCompare(b.device));
}
