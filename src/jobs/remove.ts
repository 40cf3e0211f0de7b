/**
 * A job is deleted: its record at once, in a script, and then its files. Should this process end between the two, or
 * Redis or the storage not answer, a worker's tidying does the rest.
 */
import { OnecycleError } from '../errors.js';
import type { Storage } from '../storage/storage.js';
import { artifacts } from './artifacts.js';
import { notFound } from './cancel.js';
import { isTerminal } from './record.js';
import { admitJobs } from './redis/admit.js';
import { dropSuperfluous } from './redis/checkpoints.js';
import type { Client } from './redis/client.js';
import { keys } from './redis/keys.js';
import type { Line } from './redis/lines.js';
import type { Queues } from './redis/queues.js';
import { readRecord } from './redis/records.js';

/** What jobs are deleted from. */
export interface Stores {
  redis: Client;
  queues: Queues;
  storage: Storage;
}

/** A log stays in Redis for so long for those who are following it. */
const lingerSeconds = 10;
/** Leftovers that one turn of tidying removes. */
const leftoversPerTurn = 100;

/** Why a job cannot be deleted now, and the job that it is for. */
const obstacles = {
  active: (id: string) => `Job ${id} is running: cancel it first.`,
  waiting: (id: string) => `Job ${id} is waiting for its finder: cancel it first.`,
  awaited: (id: string) => `Job ${id} is waiting for this finder: cancel that job first.`,
  searching: (id: string) => `Finder ${id} of this job is still running.`,
};

type Answer =
  | [answer: 'missing']
  | [answer: keyof typeof obstacles, of: string]
  | [
      answer: 'removed',
      jobs: [id: string, line: Line, tenant: string, groups: string[]][],
      leftovers: string[],
      released: string[],
    ];

/**
 * Deletes a job that does not run, and a fit's finder with it. Checkpoints that other jobs go on from stay for them.
 * @throws OnecycleError `job_not_found`, `conflict` where it runs, waits, or is waited for
 */
export async function removeJob(stores: Stores, id: string): Promise<void> {
  const now = new Date().toISOString();
  const answer = (await stores.redis.removeJob(2, keys.record(id), keys.log(id), now, lingerSeconds)) as Answer;
  if (answer[0] === 'missing') throw notFound(id);
  if (answer[0] !== 'removed') throw new OnecycleError('conflict', obstacles[answer[0]](answer[1]));
  // The job is gone, whatever becomes of this.
  await clearAway(stores, answer).catch(() => undefined);
}

async function clearAway(
  { redis, queues, storage }: Stores,
  [, jobs, leftovers, released]: Extract<Answer, { length: 4 }>,
): Promise<void> {
  for (const [id, line, tenant, groups] of jobs) {
    await queues.remove(line, id);
    await admitJobs(redis, queues, { groups, tenant });
  }
  for (const leftover of leftovers) await removeLeftover(redis, storage, leftover);
  for (const job of released) await removeSuperfluous(redis, storage, job);
}

/** Of a job that has ended, checkpoints that were kept for another alone; one that runs sees to that itself. */
async function removeSuperfluous(redis: Client, storage: Storage, job: string): Promise<void> {
  const record = await readRecord(redis, job);
  if (!record || !isTerminal(record.status)) return;
  for (const id of await dropSuperfluous(redis, job, record.spec.keep_checkpoints))
    await storage.remove(artifacts.checkpoint(job, id));
}

/** Removes files that deletions have left; some of them, where they are many. */
export async function removeLeftovers(redis: Client, storage: Storage): Promise<void> {
  for (const leftover of await redis.srandmember(keys.leftovers, leftoversPerTurn))
    await removeLeftover(redis, storage, leftover);
}

/** All files of the leftover's job, but for checkpoints that others still need: removal.ts. */
async function removeLeftover(redis: Client, storage: Storage, leftover: string): Promise<void> {
  const [job] = leftover.split(' ');
  await removeFiles(storage, job, await redis.hkeys(keys.checkpoints(job)));
  await redis.srem(keys.leftovers, leftover);
}

/** Removes a deleted job's files, but for these checkpoints. */
export async function removeFiles(storage: Storage, job: string, checkpoints: readonly string[]): Promise<void> {
  if (checkpoints.length === 0) return storage.remove(artifacts.folder(job));
  const kept = new Set(checkpoints.map((id) => artifacts.checkpoint(job, id)));
  const names = await Promise.all(
    [artifacts.folder(job), artifacts.checkpoints(job)].map(async (folder) =>
      (await storage.list(folder)).map((file) => `${folder}/${file}`),
    ),
  );
  for (const name of names.flat())
    if (!kept.has(name) && name !== artifacts.checkpoints(job)) await storage.remove(name);
}
