/** What waits in each line and who is there for it: what an autoscaler asks. */
import { hasLabels } from '../../schema/labels.js';
import { isOfPool, poolOf } from '../pools.js';
import type { Demand, DemandQuery, LineDemand, WorkerInfo } from '../record.js';
import type { Client } from './client.js';
import { liveWorkers } from './heartbeats.js';
import { keys } from './keys.js';
import { lineOf, partsOf, type Line } from './lines.js';
import type { Queues } from './queues.js';
import { answers } from './records.js';

/** Queued jobs are looked at in pages, the oldest first, until each line's oldest is found or so many were seen. */
const pageJobs = 500;
const seenAtMost = 5000;

/** Every line with a job, and those of the two kinds of devices. */
export async function readDemand(redis: Client, queues: Queues): Promise<LineDemand[]> {
  const [workers, lines] = await Promise.all([liveWorkers(redis), queues.lines()]);
  const waiting = await waitingIn(redis);
  return lines.flatMap((line) => {
    const { kind, pool } = partsOf(line);
    const { requires, protocol } = poolOf(pool);
    const able = workers.filter((worker) => worker.kind === kind && isOfPool(worker, pool));
    const { queued = 0, oldest = null } = waiting.get(line) ?? {};
    if (pool !== '' && queued === 0) return [];
    return [{ device: kind, requires, protocol, queued, oldest_seconds: secondsSince(oldest), ...figuresOf(able) }];
  });
}

/**
 * What a worker of that device with those labels could do: the lines that it would read together. Jobs for `auto` that no
 * live worker can run are for any device.
 */
export function demandFor(rows: readonly LineDemand[], workers: readonly WorkerInfo[], query: DemandQuery): Demand {
  const { device, labels } = query;
  const like = workers.filter((worker) => worker.kind === device && hasLabels(worker.labels, labels));
  const mine = rows.filter(
    ({ device: kind, requires, workers: able }) =>
      hasLabels(labels, requires) && (kind === device || (able === 0 && Object.keys(requires).length > 0)),
  );
  const ages = mine.flatMap(({ oldest_seconds }) => (oldest_seconds === null ? [] : [oldest_seconds]));
  const queued = mine.reduce((sum, row) => sum + row.queued, 0);
  const running = like.filter(({ job }) => job !== null).length;
  return {
    device,
    labels,
    queued,
    running,
    jobs: queued + running,
    oldest_seconds: ages.length === 0 ? null : Math.max(...ages),
    workers: like.length,
    free: figuresOf(like).free,
  };
}

const figuresOf = (workers: readonly WorkerInfo[]): { workers: number; free: number } => ({
  workers: workers.length,
  free: workers.filter(({ status }) => status === 'idle').length,
});

interface Waiting {
  queued: number;
  /** When the oldest was posted. */
  oldest: string;
}

/** Of each line what waits in it; beyond `seenAtMost` jobs, which are counted as those before them are shared out. */
async function waitingIn(redis: Client): Promise<Map<Line, Waiting>> {
  const found = new Map<Line, Waiting>();
  let seen = 0;
  for (let start = 0; start < seenAtMost; start += pageJobs) {
    const ids = await redis.zrange(keys.index('queued'), String(start), String(start + pageJobs - 1));
    const records = redis.pipeline();
    for (const id of ids) records.hmget(keys.record(id), '_kind', '_pool', 'created_at');
    for (const [kind, pool, created] of await answers<[kind: 'cpu' | 'gpu' | null, pool: string | null, at: string]>(
      records,
    )) {
      // It was deleted a moment ago.
      if (kind === null) continue;
      seen += 1;
      const line = lineOf(kind, pool);
      const known = found.get(line);
      if (known) known.queued += 1;
      else found.set(line, { queued: 1, oldest: JSON.parse(created) as string });
    }
    if (ids.length < pageJobs) return found;
  }
  const all = await redis.zcard(keys.index('queued'));
  for (const each of found.values()) each.queued = Math.round((each.queued * all) / seen);
  return found;
}

const secondsSince = (time: string | null): number | null =>
  time === null ? null : Math.max(0, Math.round(Date.now() - Date.parse(time)) / 1000);
