/** Jobs that ended long ago are deleted. */
import { OnecycleError } from '../errors.js';
import { isTerminal, type JobStatus } from './record.js';
import { keys } from './redis/keys.js';
import { answers } from './redis/records.js';
import { allTenants } from './redis/tenants.js';
import { removeJob, type Stores } from './remove.js';

const dayMs = 24 * 3600 * 1000;
/** Jobs that are looked at in one turn, and the most of them that are deleted. */
const lookedAt = 1000;
const deletedAtMost = 100;

/** One worker's part in it: it goes through all jobs, tenant by tenant, some a turn, and then begins anew. */
export class Retention {
  readonly #stores: Stores;
  readonly #keepDays: number;
  /** Where the last turn ended: in which tenant's list, and where in that. */
  #tenant = 0;
  #order = 0;

  /** `keepDays`: days after its end that a job is kept. */
  constructor(stores: Stores, keepDays: number) {
    this.#stores = stores;
    this.#keepDays = keepDays;
  }

  /** One turn. Returns how many jobs were deleted. */
  async deleteOld(now = Date.now()): Promise<number> {
    const tenants = await allTenants(this.#stores.redis);
    let deleted = 0;
    for (let looked = 0; looked < tenants.length; looked++) {
      const { count, more } = await this.#deleteOf(tenants[this.#tenant % tenants.length], now);
      deleted += count;
      if (more) break;
      this.#tenant = (this.#tenant + 1) % tenants.length;
      this.#order = 0;
    }
    return deleted;
  }

  /** Looks at some jobs of a tenant; `more`: there is more to look at. */
  async #deleteOf(tenant: string, now: number): Promise<{ count: number; more: boolean }> {
    let count = 0;
    const jobs = await this.#next(tenant);
    for (const { id, order, endedMs } of jobs) {
      this.#order = order;
      if (endedMs === null || now - endedMs < this.#keepDays * dayMs) continue;
      if ((await this.#delete(id)) && ++count === deletedAtMost) return { count, more: true };
    }
    return { count, more: jobs.length === lookedAt };
  }

  /** The jobs behind the last one that was looked at; `endedMs` is null for those that have not ended. */
  async #next(tenant: string): Promise<{ id: string; order: number; endedMs: number | null }[]> {
    const { redis } = this.#stores;
    const range = [`(${this.#order}`, '+inf', 'WITHSCORES', 'LIMIT', 0, lookedAt] as const;
    const found = await redis.zrangebyscore(keys.index(undefined, tenant), ...range);
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
