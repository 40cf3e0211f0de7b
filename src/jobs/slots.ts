/** How the jobs of a worker share its threads: each has its own, and one that needs more than are free waits for them. */
import { workOf } from '../request/bounds.js';
import type { JobSpec } from '../request/spec.js';
import type { EngineInfo } from './record.js';
import type { Client } from './redis/client.js';
import type { Hash } from './redis/fields.js';
import { keys } from './redis/keys.js';

/**
 * Of so many multiplications a training step (those of the model's kernels for a batch, forward) a job has one thread;
 * of more, all. Measured: docs/internals/performance.md.
 */
export const smallWork = 5e7;

/** What a worker has to share. */
export interface Capacity {
  /** Threads, over all jobs. */
  threads: number;
  /** Jobs at once. */
  slots: number;
}

/** What a job has of a worker. */
export interface Share {
  job: string;
  threads: number;
}

/**
 * How many threads a job has. Those of an attempt before it, as the bits of its checkpoints are of so many; else as many
 * as its spec says; else by its size. Never more than there are.
 */
export function threadsFor(spec: JobSpec, before: EngineInfo | null, { threads, slots }: Capacity): number {
  const wanted = before ? (before.threads ?? threads) : spec.threads;
  if (wanted !== undefined) return Math.min(wanted, threads);
  return slots > 1 && isSmall(spec) ? 1 : threads;
}

/** Rows that threads prepare, as pictures are, need all of them, whatever the model is. */
function isSmall(spec: JobSpec): boolean {
  if ('stored' in spec.dataset && spec.dataset.stored.kind === 'images') return false;
  return workOf(spec) <= smallWork;
}

/** The jobs that a worker has, and what each takes of its threads. */
export class Slots {
  readonly capacity: Capacity;
  readonly #redis: Client;
  readonly #shares = new Map<string, number>();
  /** The first job that was refused since one has left. */
  #refused: string | null = null;

  constructor(redis: Client, capacity: Capacity) {
    this.#redis = redis;
    this.capacity = capacity;
  }

  /** A job's share, by the order in which they came. */
  get shares(): Share[] {
    return [...this.#shares].map(([job, threads]) => ({ job, threads }));
  }

  /** Threads that no job has; none where there are as many jobs as may be. */
  get free(): number {
    const { threads, slots } = this.capacity;
    if (this.#shares.size >= slots) return 0;
    return threads - this.shares.reduce((sum, share) => sum + share.threads, 0);
  }

  /** Whether the job is one of the worker's already. */
  has(job: string): boolean {
    return this.#shares.has(job);
  }

  /** The threads of one of its jobs. */
  threadsOf(job: string): number {
    return this.#shares.get(job) ?? this.capacity.threads;
  }

  /** The job that is to be the next one: no other is let in. Null where any may be. */
  get next(): string | null {
    return this.#refused;
  }

  /**
   * Gives a job its share; false where that is not free, or another is to be the next one. `known`: the job's record, if
   * it has been read.
   */
  async enter(job: string, known?: Hash): Promise<boolean> {
    const threads = await this.#wanted(job, known);
    // From here on in one go: the answers for several jobs may come together.
    if (this.#refused !== null) return false;
    if (threads > this.free) {
      this.#refused = job;
      return false;
    }
    this.#shares.set(job, threads);
    return true;
  }

  /** Takes back what a job has. */
  leave(job: string): void {
    this.#shares.delete(job);
    this.reconsider();
  }

  /** Any job may be let in that finds its share. */
  reconsider(): void {
    this.#refused = null;
  }

  async #wanted(job: string, known?: Hash): Promise<number> {
    const [spec, engine] = known
      ? [known.spec, known.engine]
      : await this.#redis.hmget(keys.record(job), 'spec', 'engine');
    // It was deleted; whoever takes it finds that out.
    if (!spec) return 1;
    return threadsFor(JSON.parse(spec) as JobSpec, JSON.parse(engine ?? 'null') as EngineInfo | null, this.capacity);
  }
}
