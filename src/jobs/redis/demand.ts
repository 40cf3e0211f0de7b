/** What waits in each line and who is there for it: what an autoscaler asks. */
import { hasLabels } from '../../schema/labels.js';
import { isOfPool, poolOf } from '../pools.js';
import type { Demand, DemandQuery, DeviceKind, LineDemand, WorkerInfo } from '../record.js';
import type { Client } from './client.js';
import { countJobs } from './count-jobs.js';
import { keys } from './keys.js';
import { lineOf, partsOf, type Line } from './lines.js';
import { answers } from './records.js';
import { allTenants } from './tenants.js';

/** Queued jobs are looked at in pages, the oldest of each tenant first, until so many were seen. */
const pageJobs = 500;
const seenAtMost = 5000;

/** Every one of these lines with a job, and those of the two kinds of devices. */
export async function readDemand(
  redis: Client,
  lines: readonly Line[],
  workers: readonly WorkerInfo[],
): Promise<LineDemand[]> {
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
  const running = like.reduce((sum, { jobs }) => sum + jobs.length, 0);
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

/** Of each line what waits in it, whosever it is; beyond `seenAtMost` jobs, which are counted as those before them are shared out. */
async function waitingIn(redis: Client): Promise<Map<Line, Waiting>> {
  const found = new Map<Line, Waiting>();
  const tenants = await allTenants(redis);
  let seen = 0;
  for (const tenant of tenants) {
    for (let start = 0; seen < seenAtMost; start += pageJobs) {
      const ids = await redis.zrange(keys.index('queued', tenant), String(start), String(start + pageJobs - 1));
      seen += await add(redis, ids, found);
      if (ids.length < pageJobs) break;
    }
  }
  if (seen < seenAtMost) return found;
  const [all] = await countJobs(redis, ['queued'], tenants);
  for (const each of found.values()) each.queued = Math.round((each.queued * all) / seen);
  return found;
}

/** Counts these jobs to their lines, and tells how many are there. */
async function add(redis: Client, ids: readonly string[], found: Map<Line, Waiting>): Promise<number> {
  const records = redis.pipeline();
  for (const id of ids) records.hmget(keys.record(id), '_kind', '_pool', 'created_at');
  let seen = 0;
  for (const [kind, pool, created] of await answers<[kind: DeviceKind | null, pool: string | null, at: string]>(
    records,
  )) {
    // It was deleted a moment ago.
    if (kind === null) continue;
    seen += 1;
    const line = lineOf(kind, pool);
    const at = JSON.parse(created) as string;
    const known = found.get(line);
    if (known) Object.assign(known, { queued: known.queued + 1, oldest: known.oldest < at ? known.oldest : at });
    else found.set(line, { queued: 1, oldest: at });
  }
  return seen;
}

const secondsSince = (time: string | null): number | null =>
  time === null ? null : Math.max(0, Math.round(Date.now() - Date.parse(time)) / 1000);
