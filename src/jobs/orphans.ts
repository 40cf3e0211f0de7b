/**
 * Files that nothing refers to: of jobs that have no record, and what workers that died have left half-done. Those of a
 * deletion or a creation that was cut short are found sooner: remove.ts, sweep.ts.
 */
import { OnecycleError } from '../errors.js';
import { datasetId } from '../request/uploads/record.js';
import type { Storage } from '../storage/storage.js';
import { artifacts } from './artifacts.js';
import { unpinCheckpoint } from './redis/checkpoints.js';
import type { Client } from './redis/client.js';
import { keys, newToken } from './redis/keys.js';
import { answers } from './redis/records.js';
import { removeFiles } from './remove.js';
import { abandon } from './sweep.js';
import { userOf, type User } from './work-folders.js';

/** What nothing refers to is removed when it is found again after so long; job folders are listed as seldom as that. */
const graceMs = 10 * 60_000;
const pageJobs = 500;
/** Jobs whose files one turn removes; where there are more, the next turn goes on. */
const removedAtMost = 500;

/** What a turn has removed: ids of jobs without a record, names of work folders. */
export interface SweptOrphans {
  jobs: string[];
  workFolders: string[];
}

/** One worker's part in finding them. */
export class Orphans {
  readonly #redis: Client;
  readonly #storage: Storage;
  /** Since when a thing has been without an owner, by its name, in the clock's milliseconds. */
  #jobs = new Map<string, number>();
  #unfinished = new Map<string, number>();
  #uploads = new Map<string, number>();
  #nextLookMs = -Infinity;

  constructor(redis: Client, storage: Storage) {
    this.#redis = redis;
    this.#storage = storage;
  }

  /** One turn, only where `ownsStorage`. `nowMs`: of a clock that never goes back. */
  async sweep(nowMs = performance.now()): Promise<SweptOrphans> {
    const workFolders = await this.#sweepWorkFolders(nowMs);
    if (nowMs < this.#nextLookMs) return { jobs: [], workFolders };
    const jobs = await this.#sweepJobs(nowMs);
    await this.#sweepUploads(nowMs);
    if (jobs.length < removedAtMost) this.#nextLookMs = nowMs + graceMs;
    return { jobs, workFolders };
  }

  async #sweepJobs(nowMs: number): Promise<string[]> {
    // In this order: what is being created has its files after its marker, and its record before that goes.
    const folders = await this.#storage.list(artifacts.folders);
    const creations = new Set(await this.#storage.list(artifacts.creations));
    const found = folders.filter((id) => !creations.has(id));
    const records = await existing(this.#redis, found);
    const orphans = found.filter((_, i) => !records[i]);
    const old = longThere(this.#jobs, orphans, nowMs);
    const removed: string[] = [];
    for (const id of old) {
      if (await this.#removeJob(id)) removed.push(id);
      if (removed.length === removedAtMost) break;
    }
    return removed;
  }

  /** Files of uploads that have no record go the way of those of deleted ones: removeDatasetFiles. */
  async #sweepUploads(nowMs: number): Promise<void> {
    const stored = await this.#storage.list(artifacts.uploads);
    const orphans: string[] = [];
    for (const sha256 of stored)
      if ((await this.#redis.exists(keys.dataset(datasetId(sha256)), keys.datasetHolders(datasetId(sha256)))) === 0)
        orphans.push(sha256);
    const old = longThere(this.#uploads, orphans, nowMs);
    if (old.length > 0) await this.#redis.sadd(keys.datasetLeftovers, ...old);
  }

  /** Whether anything of a job without a record could go. */
  async #removeJob(id: string): Promise<boolean> {
    const pinned = await this.#redis.hkeys(keys.checkpoints(id));
    for (const checkpoint of pinned) await this.#unpinForNobody(id, checkpoint);
    const kept = await this.#redis.hkeys(keys.checkpoints(id));
    await removeFiles(this.#storage, id, kept);
    return kept.length === 0;
  }

  /** Whoever created a job that goes on from the checkpoint may have ended before the job was there. */
  async #unpinForNobody(job: string, checkpoint: string): Promise<void> {
    for (const by of await this.#redis.smembers(keys.pins(checkpoint)))
      if (await abandon(this.#redis, by)) await unpinCheckpoint(this.#redis, job, checkpoint, by);
  }

  async #sweepWorkFolders(nowMs: number): Promise<string[]> {
    const names = await this.#storage.workFolders();
    const over: string[] = [];
    const unknown: string[] = [];
    for (const name of names) {
      const user = userOf(name);
      if (!user) unknown.push(name);
      else if (!(await isUsed(this.#redis, user))) over.push(name);
    }
    const removed = [...over, ...longThere(this.#unfinished, unknown, nowMs)];
    for (const name of removed) await this.#storage.removeWorkFolder(name);
    return removed;
  }
}

/** Whether the attempt runs, the job's log is still to be stored, or the upload goes on. */
async function isUsed(redis: Client, user: User): Promise<boolean> {
  if ('upload' in user) return (await redis.exists(keys.upload(user.upload))) === 1;
  const { job, attempt } = user;
  if (attempt === null) return (await redis.zscore(keys.unarchived, job)) !== null;
  const [status, number] = await redis.hmget(keys.record(job), 'status', 'attempt');
  return (status === 'running' || status === 'pausing') && number === String(attempt);
}

/** Which of these jobs have records. */
async function existing(redis: Client, ids: readonly string[]): Promise<boolean[]> {
  const found: boolean[] = [];
  for (let start = 0; start < ids.length; start += pageJobs) {
    const records = redis.pipeline();
    for (const id of ids.slice(start, start + pageJobs)) records.exists(keys.record(id));
    found.push(...(await answers<number>(records)).map((count) => count === 1));
  }
  return found;
}

/** Of these names, those that were there a while ago already; keeps in `since` those that are there now. */
function longThere(since: Map<string, number>, names: readonly string[], nowMs: number): string[] {
  const now = new Set(names);
  for (const name of since.keys()) if (!now.has(name)) since.delete(name);
  for (const name of names) if (!since.has(name)) since.set(name, nowMs);
  return names.filter((name) => nowMs - (since.get(name) ?? nowMs) >= graceMs);
}

/**
 * Whether the storage is this Redis'. A data folder that is started with another Redis for once, or with one that has
 * lost its data, is full of files that this one knows nothing of: they are not to be swept. It belongs to the first one
 * that finds it empty, or knows one of its jobs.
 */
export async function ownsStorage(redis: Client, storage: Storage): Promise<boolean> {
  await redis.setnx(keys.name, newToken());
  const name = (await redis.get(keys.name)) ?? '';
  if (!(await storage.exists(artifacts.owner))) {
    const folders = await storage.list(artifacts.folders);
    if (folders.length > 0 && !(await existing(redis, folders)).includes(true)) return false;
    // Another Redis may find it empty at the same moment.
    await storage.put(artifacts.owner, Buffer.from(name), { once: true }).catch((error: unknown) => {
      if (!(error instanceof OnecycleError && error.code === 'conflict')) throw error;
    });
  }
  return String(await storage.get(artifacts.owner)) === name;
}
