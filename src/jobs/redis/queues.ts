/** The queues, one a kind of device. They hold ids alone, under the same ids: whatever is added twice is there once. */
import { FlowProducer, Queue } from 'bullmq';
import { queueName, queuePrefix } from './keys.js';
import type { DeviceKind } from '../record.js';
import type { Client } from './client.js';

export class Queues {
  readonly #queues: Record<DeviceKind, Queue>;
  readonly #flows: FlowProducer;

  constructor(redis: Client) {
    const options = { connection: redis, prefix: queuePrefix, skipMetasUpdate: true };
    this.#queues = { cpu: new Queue(queueName('cpu'), options), gpu: new Queue(queueName('gpu'), options) };
    this.#flows = new FlowProducer(options);
    // Who asks for something hears of its failure.
    for (const queue of Object.values(this.#queues)) queue.on('error', () => undefined);
    this.#flows.on('error', () => undefined);
  }

  async add(kind: DeviceKind, id: string): Promise<void> {
    await this.#queues[kind].add('job', null, { jobId: id });
  }

  /** Adds a fit whose finder goes first, and goes on to the fit however the finder ends: the record says what comes of it. */
  async addWithFinder(kind: DeviceKind, id: string, finder: string): Promise<void> {
    const queue = { queueName: queueName(kind), prefix: queuePrefix, name: 'job' };
    await this.#flows.add({
      ...queue,
      opts: { jobId: id },
      children: [{ ...queue, opts: { jobId: finder, ignoreDependencyOnFailure: true } }],
    });
  }

  /** Takes a job out that no worker has; a worker that has it finds its record ended. */
  async remove(kind: DeviceKind, id: string): Promise<void> {
    await this.#queues[kind].remove(id, { removeChildren: false }).catch(() => undefined);
  }

  /** The key that exists while the queue knows the job. */
  key(kind: DeviceKind, id: string): string {
    return this.#queues[kind].toKey(id);
  }

  async close(): Promise<void> {
    await Promise.all([...Object.values(this.#queues), this.#flows].map((each) => each.close()));
  }
}
