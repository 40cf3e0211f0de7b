/** The logs of ended jobs go to storage, so that Redis holds little more than records however long it runs. */
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Storage } from '../../storage/storage.js';
import { artifacts } from '../artifacts.js';
import type { StoredFrame } from '../frames.js';
import { keys, newToken } from '../redis/keys.js';
import { seqOf, storedFrame } from './entries.js';
import type { Client } from '../redis/client.js';

const pageFrames = 1000;
/** A stored log stays in Redis as well for those who are reading it. */
const lingerSeconds = 600;
const offsetBytes = 8;
/** After a failure a log is left alone for so long, then for twice as long, and so on. */
const firstPauseMs = 5000;
const longestPauseMs = 10 * 60_000;

/** What became of logs that were to be stored, by their jobs. */
export interface Archived {
  stored: string[];
  failed: { job: string; error: unknown; againMs: number }[];
}

/** One worker's part in storing logs. Several may store the same one: each writes it whole or not at all. */
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
 * @throws where Redis does not have all of its frames: what is stored stays as it is.
 */
export async function storeLog(redis: Client, storage: Storage, id: string): Promise<void> {
  const seq = await redis.hget(keys.record(id), '_seq');
  // A job that was removed has no log to keep.
  if (seq !== null && (await storedFrames(storage, id)) !== Number(seq)) await write(redis, storage, id, Number(seq));
  await redis.multi().expire(keys.log(id), lingerSeconds).zrem(keys.unarchived, id).exec();
}

/** How many frames of a log are stored; null where it is not. */
async function storedFrames(storage: Storage, id: string): Promise<number | null> {
  if (!(await storage.exists(artifacts.log(id)))) return null;
  return (await storage.get(artifacts.logIndex(id))).length / offsetBytes - 1;
}

async function write(redis: Client, storage: Storage, id: string, frames: number): Promise<void> {
  const folder = await storage.workFolder(`log-${id}-${newToken()}`);
  try {
    const file = join(folder, 'log');
    const offsets: number[] = [0];
    await pipeline(Readable.from(lines(redis, id, offsets)), createWriteStream(file));
    // Behind another worker's back, that has stored the log, Redis may have forgotten it.
    const found = offsets.length - 1;
    if (found !== frames) throw new Error(`Redis has ${found} frames of this log's ${frames}.`);
    const index = Buffer.alloc(offsets.length * offsetBytes);
    offsets.forEach((offset, i) => index.writeDoubleLE(offset, i * offsetBytes));
    // A log that is there has its index.
    await storage.put(artifacts.logIndex(id), index);
    await storage.put(artifacts.log(id), { file });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The log's frames as lines; tells where each begins, and where the last ends. */
async function* lines(redis: Client, id: string, offsets: number[]): AsyncGenerator<Buffer> {
  for (let next = 0; ;) {
    const entries = await redis.xrange(keys.log(id), `${next}-0`, '+', 'COUNT', pageFrames);
    if (entries.length === 0) return;
    next = seqOf(entries.at(-1)!) + 1;
    for (const [, fields] of entries) offsets.push(offsets.at(-1)! + Buffer.byteLength(fields[1]) + 1);
    yield Buffer.from(entries.map(([, fields]) => fields[1] + '\n').join(''));
  }
}

/** Up to `count` frames of a stored log from number `from` on; none where the log is not stored. */
export async function readArchived(storage: Storage, id: string, from: number, count: number): Promise<StoredFrame[]> {
  if (!(await storage.exists(artifacts.log(id)))) return [];
  const offsets = await readRange(
    storage,
    artifacts.logIndex(id),
    from * offsetBytes,
    (from + count + 1) * offsetBytes,
  );
  const lines = offsets.length / offsetBytes - 1;
  if (lines < 1) return [];
  const at = (line: number): number => offsets.readDoubleLE(line * offsetBytes);
  const text = (await readRange(storage, artifacts.log(id), at(0), at(lines))).toString();
  return text
    .trimEnd()
    .split('\n')
    .map((json, i) => storedFrame(from + i, json));
}

/** An artifact's bytes from `start` up to `end`, as far as there are some. */
const readRange = async (storage: Storage, name: string, start: number, end: number): Promise<Buffer> =>
  buffer(await storage.stream(name, { start, end }));
