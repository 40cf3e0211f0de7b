/** Jobs that ended long ago are deleted. */
import { OnecycleError } from '../errors.js';
import { isTerminal, type JobStatus } from './record.js';
import { keys } from './redis/keys.js';
import { answers } from './redis/records.js';
import { removeJob, type Stores } from './remove.js';

const dayMs = 24 * 3600 * 1000;
/** Jobs that are looked at in one turn, and the most of them that are deleted. */
const lookedAt = 1000;
const deletedAtMost = 100;

/** One worker's part in it: it goes through all jobs, some a turn, and then begins anew. */
export class Retention {
  readonly #stores: Stores;
  readonly #keepDays: number;
  /** Where in the list of all jobs the last turn ended. */
  #order = 0;

  /** `keepDays`: days after its end that a job is kept. */
  constructor(stores: Stores, keepDays: number) {
    this.#stores = stores;
    this.#keepDays = keepDays;
  }

  /** One turn. Returns how many jobs were deleted. */
  async deleteOld(now = Date.now()): Promise<number> {
    let deleted = 0;
    const jobs = await this.#next();
    for (const { id, order, endedMs } of jobs) {
      this.#order = order;
      if (endedMs === null || now - endedMs < this.#keepDays * dayMs) continue;
      if ((await this.#delete(id)) && ++deleted === deletedAtMost) return deleted;
    }
    if (jobs.length < lookedAt) this.#order = 0;
    return deleted;
  }

  /** The jobs behind the last one that was looked at; `endedMs` is null for those that have not ended. */
  async #next(): Promise<{ id: string; order: number; endedMs: number | null }[]> {
    const { redis } = this.#stores;
    const range = [`(${this.#order}`, '+inf', 'WITHSCORES', 'LIMIT', 0, lookedAt] as const;
    const found = await redis.zrangebyscore(keys.index(), ...range);
    const ids = found.filter((_, i) => i % 2 === 0);
    const records = redis.pipeline();
    for (const id of ids) records.hmget(keys.record(id), 'status', 'finished_at');
    const facts = await answers<[status: JobStatus | null, finishedAt: string | null]>(records);
    return ids.map((id, i) => {
      const [status, finishedAt] = facts[i];
      const ended = status !== null && isTerminal(status) && finishedAt !== null;
      return {
        id,
        order: Number(found[2 * i + 1]),
        endedMs: ended ? Date.parse(JSON.parse(finishedAt) as string) : null,
      };
    });
  }

  /** False where another worker has done it, or its finder still runs. */
  async #delete(id: string): Promise<boolean> {
    try {
      await removeJob(this.#stores, id);
      return true;
    } catch (error) {
      if (error instanceof OnecycleError) return false;
      throw error;
    }
  }
}
