/**
 * Stored logs that were read a short while ago: their indexes, and chunks as frames, so that readers who go through a
 * log page by page, or a thousand of them at once, neither open it nor unpack it again for each page.
 */
import { LRUCache } from 'lru-cache';
import type { Storage } from '../../storage/storage.js';
import { artifacts } from '../artifacts.js';
import type { StoredFrame } from '../frames.js';
import { LogFile } from './log-file.js';

/** Characters of frames that are kept, and logs whose indexes are. */
const keptCharacters = 8_000_000;
const keptLogs = 50;

/** The stored logs of one process. */
export class StoredLogs {
  readonly #storage: Storage;
  readonly #chunks = new LRUCache<string, Promise<StoredFrame[]>>({
    maxSize: keptCharacters,
    sizeCalculation: () => chunkCharacters,
  });
  readonly #logs = new LRUCache<string, LogFile>({ max: keptLogs });

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Up to `count` frames from a number on of a job's log, which has `frames` of them; none where it is not stored. */
  async read(id: string, frames: number, from: number, count: number): Promise<StoredFrame[]> {
    const log = await this.#open(id, frames);
    if (!log || from >= log.frames) return [];
    const read: StoredFrame[] = [];
    for (let chunk = log.chunkOf(from); chunk < log.chunks && read.length < count; chunk++) {
      const all = await this.#chunk(id, log, chunk);
      const skipped = Math.max(0, from - all[0].seq);
      read.push(...all.slice(skipped, skipped + count - read.length));
    }
    return read;
  }

  /** As `LogFile.before`; 0 where the log is not stored. */
  async before(id: string, iteration: number): Promise<number> {
    return (await this.#open(id, 0))?.before(iteration) ?? 0;
  }

  /** What was written anew has more frames. */
  async #open(id: string, frames: number): Promise<LogFile | null> {
    const known = this.#logs.get(id);
    if (known && known.frames >= frames) return known;
    const log = await LogFile.open(this.#storage, artifacts.log(id));
    if (log) this.#logs.set(id, log);
    return log;
  }

  #chunk(id: string, log: LogFile, chunk: number): Promise<StoredFrame[]> {
    const key = `${id} ${log.frames} ${chunk}`;
    const known = this.#chunks.get(key);
    if (known) return known;
    const reading = log.readChunk(chunk);
    this.#chunks.set(key, reading);
    reading.catch(() => this.#chunks.delete(key));
    return reading;
  }
}

/** What a chunk counts for: about as much as one is filled with, as text and with its numbers put in. */
const chunkCharacters = 512 * 1024;
