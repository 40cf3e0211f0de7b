/**
 * The indexes that lists are read from: jobs by status and type, and by tag. The scripts keep them
 * (scripts/listing.ts). Jobs of versions that had no such indexes are put into them when an API process starts; while
 * that is going on, and where a process of such a version is still at work, a list reads jobs instead.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { jobTypes } from '../../request/spec.js';
import type { ListOptions } from '../list-query.js';
import { jobStatuses } from '../record.js';
import type { Client } from './client.js';
import { keys } from './keys.js';
import { answers } from './records.js';
import { allTenants } from './tenants.js';

/** Jobs that are put into the indexes in one go: others get their answers in between. */
const pageJobs = 100;
/** Milliseconds between two times that they are. */
const pauseMs = 30_000;

/** Where the jobs of a list are found. */
export interface Source {
  index: string;
  /** They must be in this index as well. */
  within?: string;
  /** Whether all that are found are of the status and type, and have the tag, unless they have just changed. */
  exact: boolean;
}

/** One process' view of them. */
export class Indexes {
  readonly #redis: Client;
  #completing: Promise<void> | null = null;
  /** When they were completed last. */
  #completed = -Infinity;
  #closed = false;

  constructor(redis: Client) {
    this.#redis = redis;
  }

  /** Has the jobs put in that are not, unless all are. Does not wait for that; should it fail, the next list does it. */
  start(): void {
    this.#begin(async () => (await this.#redis.exists(keys.indexed)) === 1);
  }

  /** Completes nothing any more. */
  close(): void {
    this.#closed = true;
  }

  /** Where to look for the jobs of a list: in as short an index as there is. */
  async source({ status, type, tag, tenant }: ListOptions): Promise<Source> {
    const byStatus = { index: keys.index(status, tenant), exact: type === undefined && tag === undefined };
    if (byStatus.exact) return byStatus;
    const sizes = await this.#sizes({ status, tag, tenant });
    if (sizes === null) {
      this.#begin(() => Promise.resolve(performance.now() < this.#completed + pauseMs));
      return byStatus;
    }
    const index = keys.index(status, tenant, type);
    if (tag === undefined) return { index, exact: true };
    const tagged = keys.tagged(tag, tenant);
    if (status === undefined && type === undefined) return { index: tagged, exact: true };
    const isShorter = sizes.tagged <= (type === undefined ? sizes.all : sizes.types[jobTypes.indexOf(type)]);
    return { ...(isShorter ? { index: tagged, within: index } : { index, within: tagged }), exact: true };
  }

  /** How many jobs are in the indexes; null where not all are that should be, as each has one type. */
  async #sizes({
    status,
    tag = '',
    tenant,
  }: Omit<ListOptions, 'limit'>): Promise<{ all: number; types: number[]; tagged: number } | null> {
    const reads = this.#redis
      .multi()
      .exists(keys.indexed)
      .zcard(keys.tagged(tag, tenant))
      .zcard(keys.index(status, tenant));
    for (const type of jobTypes) reads.zcard(keys.index(status, tenant, type));
    const [isComplete, tagged, all, ...types] = await answers<number>(reads);
    const isWhole = isComplete === 1 && types.reduce((sum, size) => sum + size, 0) === all;
    return isWhole ? { all, types, tagged } : null;
  }

  /** Completes them, once at a time, unless there is no need. */
  #begin(isNeedless: () => Promise<boolean>): void {
    // Where the server is away, the next list tries again.
    this.#completing ??= this.#unless(isNeedless)
      .catch(() => undefined)
      .finally(() => (this.#completing = null));
  }

  async #unless(isNeedless: () => Promise<boolean>): Promise<void> {
    if (await isNeedless()) return;
    await this.#complete();
    this.#completed = performance.now();
  }

  /** Several processes may do so at once: what one has done, the other does again to no effect. */
  async #complete(): Promise<void> {
    for (const tenant of await allTenants(this.#redis)) {
      for await (const ids of this.#pages(keys.index(undefined, tenant))) await this.#redis.indexJobs(0, ...ids);
      for (const status of [undefined, ...jobStatuses])
        for (const type of jobTypes) {
          const index = keys.index(status, tenant, type);
          for await (const ids of this.#pages(index)) await this.#redis.pruneIndex(0, index, status ?? '', ...ids);
        }
    }
    if (!this.#closed) await this.#redis.set(keys.indexed, 1);
  }

  /** All ids in an index. */
  async *#pages(index: string): AsyncGenerator<string[]> {
    for (let from = '-inf'; !this.#closed;) {
      const found = await this.#redis.zrangebyscore(index, from, '+inf', 'WITHSCORES', 'LIMIT', 0, pageJobs);
      if (found.length === 0) return;
      from = `(${found.at(-1)}`;
      yield found.filter((_, i) => i % 2 === 0);
      await sleep(1);
    }
  }
}
