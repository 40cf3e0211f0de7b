/** Which workers live: each keeps a key alive that tells what it is. */
import { keys } from './keys.js';
import { firstProtocol } from '../pools.js';
import type { WorkerInfo } from '../record.js';
import type { Client } from './client.js';

/** Time between two signs of life. */
export const heartbeatMs = 1500;
/** A worker that was not heard of for this long is taken for dead. */
const silenceMs = 6000;
/** Where none was heard of for that long, the server was away: each gets this time to be heard of again. */
const returnMs = 2 * heartbeatMs;
/** That a worker takes no more jobs is remembered for so long after its last sign of life. */
const drainingSeconds = 24 * 3600;

/** What a worker says of itself. */
export type Heartbeat = Omit<WorkerInfo, 'status' | 'last_seen_at'>;

/** Says that a worker lives, and what it is. True where it is to take no more jobs. */
export async function beat(redis: Client, worker: Heartbeat): Promise<boolean> {
  const said = JSON.stringify({ ...worker, last_seen_at: new Date().toISOString() });
  return (await redis.beat(0, worker.id, said, silenceMs, returnMs, drainingSeconds)) === 1;
}

/** Says that a worker lives no more. */
export async function leave(redis: Client, id: string): Promise<void> {
  await redis.multi().del(keys.worker(id), keys.draining(id)).srem(keys.workers, id).exec();
}

/** The workers that live, by device. */
export async function liveWorkers(redis: Client): Promise<WorkerInfo[]> {
  const found = (await redis.liveWorkers(0)) as [json: string, draining: 0 | 1][];
  return found
    .map(([json, draining]) => workerInfo(JSON.parse(json) as Heartbeat & { last_seen_at: string }, draining === 1))
    .sort((a, b) => a.device.localeCompare(b.device));
}

/** Which of these jobs are running by their records although their workers are silent. */
export const unheardJobs = async (redis: Client, ids: readonly string[]): Promise<Set<string>> =>
  new Set(ids.length === 0 ? [] : ((await redis.unheardJobs(0, ...ids)) as string[]));

/** A worker is to take no more jobs. Null where it does not live. */
export async function drainWorker(redis: Client, id: string): Promise<WorkerInfo | null> {
  if ((await redis.drainWorker(0, id, drainingSeconds)) === 0) return null;
  return (await liveWorkers(redis)).find((worker) => worker.id === id) ?? null;
}

function workerInfo(said: Heartbeat & { last_seen_at: string }, draining: boolean): WorkerInfo {
  // A worker of an earlier version says nothing of these.
  const {
    labels = {},
    weight = 1,
    version = null,
    protocol = firstProtocol,
    threads = said.usage.cpus,
  } = said as Partial<Heartbeat>;
  const { id, host, device, kind, engine, job, usage, last_seen_at, pid } = said;
  const {
    jobs = job === null ? [] : [{ job, threads }],
    slots = 1,
    gpu_memory_bytes = null,
  } = said as Partial<Heartbeat>;
  const status = draining ? 'draining' : job === null ? 'idle' : 'busy';
  const what = { id, host, device, kind, labels, weight, version, protocol, engine };
  return { ...what, job, jobs, threads, slots, gpu_memory_bytes, status, usage, last_seen_at, pid };
}
