/**
 * The queues, one per line (lines.ts): a kind of device, and a pool of workers where jobs ask for one. They hold ids
 * alone, under the same ids: whatever is added twice is there once. A record's `_kind` says which queue's entry counts;
 * one that was left in another queue is dropped by whoever takes it.
 */
import { Queue, type Job } from 'bullmq';
import { keys, queueName, queuePrefix } from './keys.js';
import { lineOf, type Line } from './lines.js';
import { bandOf, placeIn } from './places.js';
import { deviceKinds } from '../record.js';
import type { Client } from './client.js';

/** Of all jobs where tenants take turns: a priority is then one among the jobs of its tenant. */
export const sharedPriority = 0;

/** Writes to the queues; intake.ts reads them. */
export class Queues {
  readonly #redis: Client;
  readonly #queues = new Map<Line, Queue>();

  constructor(redis: Client) {
    this.#redis = redis;
  }

  /**
   * Adds a job behind all others of its priority, or with `next` before them. The priority is read off its record where
   * it is not given.
   */
  async add(line: Line, id: string, options: { next?: boolean; priority?: number } = {}): Promise<void> {
    const band = options.priority === undefined ? await this.#band(id) : bandOf(options.priority);
    const priority = placeIn(band, options.next === true ? 'first' : 'inLine');
    await this.#queue(line).add('job', null, { jobId: id, priority });
  }

  /**
   * Puts a job that came back to its queue before others of its priority, and wakes a worker for it. `first`: before those
   * that came back earlier too.
   */
  async advance(job: Job, first = false): Promise<void> {
    // BullMQ wakes nobody for a job with a priority that goes back from a worker: this does.
    const priority = placeIn(await this.#band(job.id ?? ''), 'first');
    await job.changePriority({ priority });
    if (first) await job.changePriority({ priority, lifo: true }); // wakes nobody by itself
  }

  /** Takes a job out that no worker has; a worker that has it finds its record ended, or in another queue. */
  async remove(line: Line, id: string): Promise<void> {
    await this.#queue(line)
      .remove(id, { removeChildren: false })
      .catch(() => undefined);
  }

  /** The key that exists while the queue knows the job. */
  key(line: Line, id: string): string {
    return this.#queue(line).toKey(id);
  }

  /** No worker takes a job any more; it is remembered over restarts. */
  async pause(): Promise<void> {
    await this.#each((queue) => queue.pause(), deviceKinds);
    await this.#each((queue) => queue.pause(), await this.lines());
  }

  /** They do again. */
  async resume(): Promise<void> {
    await this.#each((queue) => queue.resume(), deviceKinds);
    await this.#each((queue) => queue.resume(), await this.lines());
  }

  /** Whether they do not. */
  async paused(): Promise<boolean> {
    return (await this.#each((queue) => queue.isPaused(), deviceKinds)).every(Boolean);
  }

  /** Lines that have come since the queue was paused, or while it was being paused or resumed, are as the others. */
  async align(): Promise<void> {
    const paused = await this.paused();
    await this.#each(
      async (queue) => {
        if ((await queue.isPaused()) !== paused) await (paused ? queue.pause() : queue.resume());
      },
      (await this.lines()).filter((line) => !deviceKinds.some((kind) => kind === line)),
    );
  }

  /** All lines: those of the kinds of devices, and of the pools that jobs have waited for lately. */
  async lines(): Promise<Line[]> {
    const pools = ['', ...(await this.#redis.zrange(keys.pools, '0', '-1'))];
    return deviceKinds.flatMap((kind) => pools.map((pool) => lineOf(kind, pool)));
  }

  /** The sorted set of the jobs that are in a line, by place. */
  places(line: Line): string {
    return this.#queue(line).toKey('prioritized');
  }

  /** The list of jobs that were lost by their workers, and go before all others of the line. */
  lost(line: Line): string {
    return this.#queue(line).toKey('wait');
  }

  /** Ends what the queues hold of their own; the connection stays open. */
  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  #queue(line: Line): Queue {
    const known = this.#queues.get(line);
    if (known) return known;
    const queue = new Queue(queueName(line), { connection: this.#redis, prefix: queuePrefix, skipMetasUpdate: true });
    // Who asks for something hears of its failure.
    queue.on('error', () => undefined);
    this.#queues.set(line, queue);
    return queue;
  }

  #each<T>(act: (queue: Queue) => Promise<T>, lines: readonly Line[]): Promise<T[]> {
    return Promise.all(lines.map((line) => act(this.#queue(line))));
  }

  async #band(id: string): Promise<number> {
    const [band, fair] = await this.#redis.hmget(keys.record(id), '_band', '_fair');
    return fair === null ? Number(band) : bandOf(sharedPriority);
  }
}
