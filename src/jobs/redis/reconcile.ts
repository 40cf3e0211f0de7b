/**
 * Brings the queues in line with the records: mends what a process left half-done between the two, and moves jobs for
 * `auto` to workers that live. Every worker does it every few seconds; all of it may be done twice, or by two at once.
 */
import { isTerminal, type DeviceKind, type FoundRate, type JobStatus } from '../record.js';
import { admitAll } from './admit.js';
import type { Client } from './client.js';
import { keys } from './keys.js';
import { lineOf, type Line } from './lines.js';
import type { Queues } from './queues.js';
import { answers } from './records.js';
import { settleFit } from './settle.js';
import { allTenants } from './tenants.js';

/** A job that is younger may still be on its way to the queue. */
const settledMs = 5000;
/** A pool that no job has used for so long is forgotten. */
const poolSeconds = 24 * 3600;
const pageJobs = 500;
/** The jobs that a queue must know. */
const inQueue = ['queued', 'running', 'pausing'] as const satisfies JobStatus[];

/** What was found amiss and put right, by the jobs' ids. */
export interface Reconciled {
  /** No queue knew them. */
  requeued: string[];
  /** For `auto`: workers of another kind should have them. */
  moved: string[];
}

/** One worker's part in it. */
export class Reconciler {
  readonly #redis: Client;
  readonly #queues: Queues;
  /** Jobs that ran where no worker of their kind lived, when last looked at. */
  #stranded = new Set<string>();

  constructor(redis: Client, queues: Queues) {
    this.#redis = redis;
    this.#queues = queues;
  }

  /** Looks at every job that has not ended. */
  async reconcile(): Promise<Reconciled> {
    await settleWaiting(this.#redis, this.#queues);
    await admitAll(this.#redis, this.#queues);
    const home = this.#homes();
    const done: Reconciled = { requeued: [], moved: [] };
    const [stranded, used] = [new Set<string>(), new Set<string>()];
    for (const status of inQueue) {
      for await (const job of entries(this.#redis, this.#queues, status)) {
        if (!job.known && job.settled) {
          await this.#queues.add(job.line, job.id);
          done.requeued.push(job.id);
        }
        if (job.pool !== '') used.add(job.pool);
        if (!job.auto || job.kind === (await home(job.pool))) continue;
        if (status !== 'queued') stranded.add(job.id);
        // A worker that came back with its server, or from a short sleep, gets the time to say that it lives.
        if (status === 'queued' || this.#stranded.has(job.id)) if (await this.#move(job)) done.moved.push(job.id);
      }
    }
    this.#stranded = stranded;
    await keepPools(this.#redis, used);
    await this.#queues.align();
    return done;
  }

  /** The record first: from then on the entry in the old queue is void. */
  async #move({ id, line }: Entry): Promise<boolean> {
    const to = (await this.#redis.rehomeJob(2, keys.record(id), keys.log(id))) as Line | '';
    if (to === '') return false;
    await this.#queues.add(to, id);
    await this.#queues.remove(line, id);
    return true;
  }

  /** The kind of worker that jobs for 'auto' are for now, by their pool; each is asked for once. */
  #homes(): (pool: string) => Promise<DeviceKind> {
    const found = new Map<string, Promise<DeviceKind>>();
    return (pool) => {
      const home = found.get(pool) ?? (this.#redis.homeKind(0, pool) as Promise<DeviceKind>);
      found.set(pool, home);
      return home;
    };
  }
}

interface Entry {
  id: string;
  kind: DeviceKind;
  pool: string;
  line: Line;
  auto: boolean;
  /** Whether its queue knows it, or it waits aside. */
  known: boolean;
  /** Whether it is old enough that its queue should. */
  settled: boolean;
}

/** Jobs of a status in the order in which they were created. */
async function* entries(redis: Client, queues: Queues, status: JobStatus): AsyncGenerator<Entry> {
  for await (const ids of pages(redis, status)) {
    const records = redis.pipeline();
    for (const id of ids) records.hmget(keys.record(id), '_kind', '_auto', 'created_at', '_pool');
    const facts =
      await answers<[kind: DeviceKind | null, auto: string | null, createdAt: string, pool: string | null]>(records);
    const inQueue = redis.pipeline();
    ids.forEach((id, i) => inQueue.exists(queues.key(lineOf(facts[i][0] ?? 'cpu', facts[i][3]), id)));
    const [known, aside] = await Promise.all([answers<number>(inQueue), redis.zmscore(keys.aside, ...ids)]);
    for (const [i, id] of ids.entries()) {
      const [kind, auto, createdAt, pool] = facts[i];
      // It was deleted a moment ago.
      if (kind === null) continue;
      yield {
        id,
        kind,
        pool: pool ?? '',
        line: lineOf(kind, pool),
        auto: auto !== null,
        known: known[i] === 1 || aside[i] !== null,
        settled: isSettled(createdAt),
      };
    }
  }
}

/** Pools with jobs stay known, and others for a while. */
async function keepPools(redis: Client, used: ReadonlySet<string>): Promise<void> {
  // The server's, as the scripts have it: this worker's may be wrong.
  const [seconds] = await redis.time();
  for (const pool of used) await redis.zadd(keys.pools, seconds, pool);
  await redis.zremrangebyscore(keys.pools, '-inf', seconds - poolSeconds);
}

/** Fits whose finders have ended without a word to them. */
async function settleWaiting(redis: Client, queues: Queues): Promise<void> {
  for await (const ids of pages(redis, 'waiting')) {
    const fits = redis.pipeline();
    for (const id of ids) fits.hget(keys.record(id), 'lr_find');
    const finders = (await answers<string | null>(fits)).map((json) =>
      json === null ? null : (JSON.parse(json) as FoundRate).job,
    );
    const found = redis.pipeline();
    for (const finder of finders) found.hget(keys.record(finder ?? ''), 'status');
    const statuses = await answers<JobStatus | null>(found);
    for (const [i, id] of ids.entries()) {
      const status = statuses[i];
      if (finders[i] !== null && (status === null || isTerminal(status))) await settleFit(redis, queues, id);
    }
  }
}

/**
 * Ids of a status, tenant by tenant and page by page. What changes its status meanwhile makes the pages shift: a job may be left out, and is
 * there the next time.
 */
async function* pages(redis: Client, status: JobStatus): AsyncGenerator<string[]> {
  for (const tenant of await allTenants(redis))
    for (let start = 0; ; start += pageJobs) {
      const ids = await redis.zrange(keys.index(status, tenant), String(start), String(start + pageJobs - 1));
      if (ids.length === 0) break;
      yield ids;
    }
}

const isSettled = (createdAt: string): boolean => Date.now() - Date.parse(JSON.parse(createdAt) as string) > settledMs;
