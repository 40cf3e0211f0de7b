/**
 * The queues, one per kind of device. They hold ids alone, under the same ids: whatever is added twice is there once. A
 * record's `_kind` says which queue's entry counts; one that was left in the other queue is dropped by whoever takes
 * it.
 */
import { Queue, type Job } from 'bullmq';
import { keys, queueName, queuePrefix } from './keys.js';
import { bandOf, placeIn } from './places.js';
import type { DeviceKind } from '../record.js';
import type { Client } from './client.js';

/** Of all jobs where tenants take turns: a priority is then one among the jobs of its tenant. */
export const sharedPriority = 0;

/** Writes to the queues; job-worker.ts reads them. */
export class Queues {
  readonly #redis: Client;
  readonly #queues: Record<DeviceKind, Queue>;

  constructor(redis: Client) {
    this.#redis = redis;
    const options = { connection: redis, prefix: queuePrefix, skipMetasUpdate: true };
    this.#queues = { cpu: new Queue(queueName('cpu'), options), gpu: new Queue(queueName('gpu'), options) };
    // Who asks for something hears of its failure.
    for (const queue of this.#all) queue.on('error', () => undefined);
  }

  /**
   * Adds a job behind all others of its priority, or with `next` before them. The priority is read off its record where
   * it is not given.
   */
  async add(kind: DeviceKind, id: string, options: { next?: boolean; priority?: number } = {}): Promise<void> {
    const band = options.priority === undefined ? await this.#band(id) : bandOf(options.priority);
    const priority = placeIn(band, options.next === true ? 'first' : 'inLine');
    await this.#queues[kind].add('job', null, { jobId: id, priority });
  }

  /** Puts a job that came back to its queue before others of its priority, and wakes a worker for it. */
  async advance(job: Job): Promise<void> {
    // BullMQ wakes nobody for a job with a priority that goes back from a worker: this does.
    await job.changePriority({ priority: placeIn(await this.#band(job.id ?? ''), 'first') });
  }

  /** Takes a job out that no worker has; a worker that has it finds its record ended, or in another queue. */
  async remove(kind: DeviceKind, id: string): Promise<void> {
    await this.#queues[kind].remove(id, { removeChildren: false }).catch(() => undefined);
  }

  /** The key that exists while the queue knows the job. */
  key(kind: DeviceKind, id: string): string {
    return this.#queues[kind].toKey(id);
  }

  /** No worker takes a job any more; it is remembered over restarts. */
  async pause(): Promise<void> {
    await Promise.all(this.#all.map((queue) => queue.pause()));
  }

  /** They do again. */
  async resume(): Promise<void> {
    await Promise.all(this.#all.map((queue) => queue.resume()));
  }

  /** Whether they do not. */
  async paused(): Promise<boolean> {
    return (await Promise.all(this.#all.map((queue) => queue.isPaused()))).every(Boolean);
  }

  /** Sorted sets of the jobs that are in line, by place. */
  get lines(): string[] {
    return this.#all.map((queue) => queue.toKey('prioritized'));
  }

  /** Jobs that were lost by their workers, and go before all others; the next one first. */
  async stalled(): Promise<string[]> {
    const lists = await Promise.all(this.#all.map((queue) => this.#redis.lrange(queue.toKey('wait'), 0, -1)));
    return lists.flatMap((list) => list.reverse());
  }

  /** Ends what the queues hold of their own; the connection stays open. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((queue) => queue.close()));
  }

  get #all(): Queue[] {
    return Object.values(this.#queues);
  }

  async #band(id: string): Promise<number> {
    const [band, fair] = await this.#redis.hmget(keys.record(id), '_band', '_fair');
    return fair === null ? Number(band) : bandOf(sharedPriority);
  }
}
