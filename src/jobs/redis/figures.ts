/** The service's figures as they are now: all of it is in Redis, so that every API process answers the same. */
import { totalsOf, type ServiceFigures, type WorkerFigures } from '../figures.js';
import { deviceKinds, jobStatuses, type DeviceKind, type WorkerInfo } from '../record.js';
import type { Storage } from '../../storage/storage.js';
import type { Client } from './client.js';
import { countJobs } from './count-jobs.js';
import { liveWorkers } from './heartbeats.js';
import { infoField } from './info.js';
import { keys } from './keys.js';
import { countDeliveries } from '../webhooks/webhooks.js';
import type { Queues } from './queues.js';
import { allTenants } from './tenants.js';

/** Reads them all. @throws Redis' error where it does not answer */
export async function readFigures(redis: Client, queues: Queues, storage: Storage): Promise<ServiceFigures> {
  const began = performance.now();
  await redis.ping();
  const pingSeconds = (performance.now() - began) / 1000;
  const [jobs, lines, paused, workers, hash, memory, space, deliveries, waiting, pushes] = await Promise.all([
    countJobs(redis, jobStatuses, await allTenants(redis)),
    Promise.all(deviceKinds.map((device) => queueOf(redis, device))),
    queues.paused(),
    liveWorkers(redis),
    redis.hgetall(keys.figures),
    redis.info('memory'),
    storage.space?.() ?? null,
    countDeliveries(redis),
    ageOf(redis, keys.webhooksWaiting),
    pushesOf(redis),
  ]);
  const bytesOf = (name: string): number => Number(infoField(memory, name) ?? 0);
  return {
    jobs: new Map(jobStatuses.map((status, i) => [status, jobs[i]])),
    queues: lines,
    paused,
    workers: deviceKinds.map((device) => together(device, workers)),
    totals: totalsOf(hash),
    redis: { pingSeconds, memoryBytes: bytesOf('used_memory'), maxMemoryBytes: bytesOf('maxmemory') },
    space,
    webhooks: { ...deliveries, oldestSeconds: waiting },
    pushes,
  };
}

async function queueOf(redis: Client, device: DeviceKind): Promise<ServiceFigures['queues'][number]> {
  const name = keys.queuedSince(device);
  const [jobs, oldestSeconds] = await Promise.all([redis.zcard(name), ageOf(redis, name)]);
  return { device, jobs, oldestSeconds };
}

/** What is left where no process pushes any more waits for nothing. */
async function pushesOf(redis: Client): Promise<ServiceFigures['pushes']> {
  const [pushing, pending, oldestSeconds] = await Promise.all([
    redis.exists(keys.pusher),
    redis.zcard(keys.pushesDue),
    ageOf(redis, keys.pushesWaiting),
  ]);
  return pushing === 1 ? { pending, oldestSeconds } : { pending: 0, oldestSeconds: 0 };
}

/** Of the oldest in a sorted set by milliseconds since 1970; by the clock of Redis, which is the one that they are of. */
async function ageOf(redis: Client, name: string): Promise<number> {
  const [oldest, [seconds]] = await Promise.all([redis.zrange(name, '0', '0', 'WITHSCORES'), redis.time()]);
  return oldest.length > 0 ? Math.max(0, seconds - Number(oldest[1]) / 1000) : 0;
}

function together(device: DeviceKind, all: readonly WorkerInfo[]): WorkerFigures {
  const workers = all.filter(({ kind }) => kind === device);
  const sum = (of: (worker: WorkerInfo) => number): number => workers.reduce((total, each) => total + of(each), 0);
  const count = (status: WorkerInfo['status']): number => workers.filter((each) => each.status === status).length;
  return {
    device,
    status: { idle: count('idle'), busy: count('busy'), draining: count('draining') },
    cpu: sum(({ usage }) => usage.cpu),
    memoryBytes: sum(({ usage }) => usage.memory_bytes),
    // Workers that share a card all tell of the whole of it.
    gpuMemoryBytes: [
      ...new Map(
        workers.map(({ host, device: card, usage }) => [`${host} ${card}`, usage.gpu?.memory_bytes ?? 0]),
      ).values(),
    ].reduce((total, each) => total + each, 0),
  };
}
