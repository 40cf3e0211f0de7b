/** The logs of ended jobs go to storage, so that Redis holds little more than records however long it runs. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Storage } from '../../storage/storage.js';
import { artifacts } from '../artifacts.js';
import { keys } from '../redis/keys.js';
import { seqOf } from './entries.js';
import { LogFile, writeLogFile } from './log-file.js';
import type { Client } from '../redis/client.js';
import { workFolders } from '../work-folders.js';

/** Frames may have a megabyte. */
const pageFrames = 100;
/** A stored log stays in Redis as well for those who are reading it. */
const lingerSeconds = 600;
/** After a failure a log is left alone for so long, then for twice as long, and so on. */
const firstPauseMs = 5000;
const longestPauseMs = 10 * 60_000;

/** What became of logs that were to be stored, by their jobs. */
export interface Archived {
  stored: string[];
  failed: { job: string; error: unknown; againMs: number }[];
}

/**
 * One worker's part in storing logs. Several may store the same one: each writes it whole or not at all, and all have the
 * same, as nothing is added to the log of a job that has ended.
 */
export class LogArchive {
  readonly #redis: Client;
  readonly #storage: Storage;
  #pauses = new Map<string, { pauseMs: number; untilMs: number }>();

  constructor(redis: Client, storage: Storage) {
    this.#redis = redis;
    this.#storage = storage;
  }

  /**
   * Stores the logs that still must be, those left out that failed a short while ago. `nowMs`: of a clock that never
   * goes back.
   */
  async storeAll(nowMs = performance.now()): Promise<Archived> {
    const done: Archived = { stored: [], failed: [] };
    const ids = await this.#redis.zrange(keys.unarchived, '0', '-1');
    const pauses = new Map<string, { pauseMs: number; untilMs: number }>();
    for (const id of ids) {
      const pause = this.#pauses.get(id);
      if (pause && nowMs < pause.untilMs) {
        pauses.set(id, pause);
        continue;
      }
      try {
        await storeLog(this.#redis, this.#storage, id);
        done.stored.push(id);
      } catch (error) {
        const pauseMs = Math.min(pause ? 2 * pause.pauseMs : firstPauseMs, longestPauseMs);
        pauses.set(id, { pauseMs, untilMs: nowMs + pauseMs });
        done.failed.push({ job: id, error, againMs: pauseMs });
      }
    }
    this.#pauses = pauses;
    return done;
  }
}

/**
 * Stores one log, if it is not stored yet, and lets Redis forget it after a while.
 * @throws where Redis does not have all of its frames, or another worker has stored something else meanwhile, as it may
 * when Redis has lost writes: what is stored stays as it is.
 */
export async function storeLog(redis: Client, storage: Storage, id: string): Promise<void> {
  const seq = await redis.hget(keys.record(id), '_seq');
  // A job that was removed has no log to keep.
  if (seq !== null && (await LogFile.open(storage, artifacts.log(id)))?.frames !== Number(seq))
    await write(redis, storage, id, Number(seq));
  await redis.multi().expire(keys.log(id), lingerSeconds).zrem(keys.unarchived, id).exec();
}

async function write(redis: Client, storage: Storage, id: string, frames: number): Promise<void> {
  const name = artifacts.log(id);
  // Looked at before Redis is read: who is late replaces nothing that was stored since.
  const once = !(await storage.exists(name));
  const folder = await storage.workFolder(workFolders.log(id));
  try {
    const file = join(folder, 'log');
    const found = await writeLogFile(file, pages(redis, id));
    // Behind another worker's back, that has stored the log, Redis may have forgotten it.
    if (found !== frames) throw new Error(`Redis has ${found} frames of this log's ${frames}.`);
    await storage.put(name, { file }, { once });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The log's frames as Redis has them, some at a time. */
async function* pages(redis: Client, id: string): AsyncGenerator<string[]> {
  for (let next = 0; ;) {
    const entries = await redis.xrange(keys.log(id), `${next}-0`, '+', 'COUNT', pageFrames);
    if (entries.length === 0) return;
    next = seqOf(entries.at(-1)!) + 1;
    yield entries.map(([, fields]) => fields[1]);
  }
}
