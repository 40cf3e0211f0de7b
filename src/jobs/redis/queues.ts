/**
 * The queues, one per kind of device. They hold ids alone, under the same ids: whatever is added twice is there once. A
 * record's `_kind` says which queue's entry counts; one that was left in the other queue is dropped by whoever takes
 * it.
 */
import { Queue } from 'bullmq';
import { queueName, queuePrefix } from './keys.js';
import type { DeviceKind } from '../record.js';
import type { Client } from './client.js';

/** Writes to the queues; job-worker.ts reads them. */
export class Queues {
  readonly #queues: Record<DeviceKind, Queue>;

  constructor(redis: Client) {
    const options = { connection: redis, prefix: queuePrefix, skipMetasUpdate: true };
    this.#queues = { cpu: new Queue(queueName('cpu'), options), gpu: new Queue(queueName('gpu'), options) };
    // Who asks for something hears of its failure.
    for (const queue of Object.values(this.#queues)) queue.on('error', () => undefined);
  }

  /** Adds a job behind all others, or with `next` before them. */
  async add(kind: DeviceKind, id: string, { next = false } = {}): Promise<void> {
    await this.#queues[kind].add('job', null, { jobId: id, lifo: next });
  }

  /** Takes a job out that no worker has; a worker that has it finds its record ended, or in another queue. */
  async remove(kind: DeviceKind, id: string): Promise<void> {
    await this.#queues[kind].remove(id, { removeChildren: false }).catch(() => undefined);
  }

  /** The key that exists while the queue knows the job. */
  key(kind: DeviceKind, id: string): string {
    return this.#queues[kind].toKey(id);
  }

  /** Ends what the queues hold of their own; the connection stays open. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.#queues).map((queue) => queue.close()));
  }
}
