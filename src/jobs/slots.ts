/**
 * How the jobs of a worker share what it has: a CPU's threads, a card's memory. Each job has its own, and one that needs
 * more than is free waits for it.
 */
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
  /** Bytes of the card's memory; null on a CPU, and where nobody knows them. */
  gpu_memory_bytes: number | null;
}

/** What a job has of a worker. */
export interface Share {
  threads: number;
  /** On a card whose memory is known. */
  gpu_memory_bytes?: number;
}

/** What a job has of a worker: on a card the memory that it states, or all of it; threads as `threadsFor` says. */
export function shareFor(spec: JobSpec, before: EngineInfo | null, capacity: Capacity): Share {
  const { gpu_memory_bytes: all } = capacity;
  if (all === null) return { threads: threadsFor(spec, before, capacity) };
  const memory = Math.min(spec.gpu_memory_bytes ?? all, all);
  // The card computes: of the threads, which feed it, a job has the same part.
  const part = Math.max(1, Math.floor((capacity.threads * memory) / all));
  return { threads: askedFor(spec, before, capacity) ?? part, gpu_memory_bytes: memory };
}

/**
 * How many threads a job has. Those of an attempt before it, as the bits of its checkpoints are of so many; else as many
 * as its spec says; else by its size. Never more than there are.
 */
function threadsFor(spec: JobSpec, before: EngineInfo | null, capacity: Capacity): number {
  const { threads, slots } = capacity;
  return askedFor(spec, before, capacity) ?? (slots > 1 && isSmall(spec) ? 1 : threads);
}

function askedFor(spec: JobSpec, before: EngineInfo | null, { threads }: Capacity): number | undefined {
  const wanted = before ? (before.threads ?? threads) : spec.threads;
  return wanted === undefined ? undefined : Math.min(wanted, threads);
}

/** Rows that threads prepare, as pictures are, need all of them, whatever the model is. */
function isSmall(spec: JobSpec): boolean {
  if ('stored' in spec.dataset && spec.dataset.stored.kind === 'images') return false;
  return workOf(spec) <= smallWork;
}

/** The jobs that a worker has, and what each takes of it. */
export class Slots {
  readonly capacity: Capacity;
  readonly #redis: Client;
  readonly #shares = new Map<string, Share>();
  /** The first job that was refused since one has left. */
  #refused: string | null = null;

  constructor(redis: Client, capacity: Capacity) {
    this.#redis = redis;
    this.capacity = capacity;
  }

  /** A job's share, by the order in which they came. */
  get shares(): ({ job: string } & Share)[] {
    return [...this.#shares].map(([job, share]) => ({ job, ...share }));
  }

  /** Whether another job may find room, if it takes little. */
  get isFree(): boolean {
    return this.#hasRoomFor({ threads: 1, gpu_memory_bytes: 1 });
  }

  /** Whether the job is one of the worker's already. */
  has(job: string): boolean {
    return this.#shares.has(job);
  }

  /** What one of its jobs has. */
  shareOf(job: string): Share {
    const { threads, gpu_memory_bytes: memory } = this.capacity;
    return this.#shares.get(job) ?? { threads, ...(memory !== null && { gpu_memory_bytes: memory }) };
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
    const share = await this.#wanted(job, known);
    // From here on in one go: the answers for several jobs may come together.
    if (this.#refused !== null) return false;
    if (!this.#hasRoomFor(share)) {
      this.#refused = job;
      return false;
    }
    this.#shares.set(job, share);
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

  /** On a card its memory decides: more threads than there are slow a job down, no more. */
  #hasRoomFor(share: Share): boolean {
    const { threads, slots, gpu_memory_bytes: memory } = this.capacity;
    const shares = [...this.#shares.values()];
    if (shares.length >= slots) return false;
    const taken = (of: (share: Share) => number): number => [...shares, share].reduce((sum, each) => sum + of(each), 0);
    return memory === null ? taken((each) => each.threads) <= threads : taken(memoryOf) <= memory;
  }

  async #wanted(job: string, known?: Hash): Promise<Share> {
    const [spec, engine] = known
      ? [known.spec, known.engine]
      : await this.#redis.hmget(keys.record(job), 'spec', 'engine');
    // It was deleted; whoever takes it finds that out.
    if (!spec) return { threads: 1 };
    return shareFor(JSON.parse(spec) as JobSpec, JSON.parse(engine ?? 'null') as EngineInfo | null, this.capacity);
  }
}

const memoryOf = ({ gpu_memory_bytes = 0 }: Share): number => gpu_memory_bytes;
