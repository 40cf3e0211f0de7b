/**
 * BullMQ's worker of one line. The job that it gives to a worker with nothing to do is taken in the write that asks for
 * it, and begins before BullMQ asks for another.
 */
import { Worker, type Job, type WorkerOptions } from 'bullmq';
import type { Taken } from './log/attempt.js';
import type { Client } from './redis/client.js';
import { inOneWrite } from './redis/one-write.js';

/** A line's keys: where BullMQ notes which jobs it has given, the last one first, and how a job's own keys begin. */
export interface GivenBy {
  active: string;
  prefix: string;
}

/** What was taken of a line as it was asked for. */
export interface Early {
  id: string;
  taken: Taken;
}

/** What it asks its owner. */
export interface Taking {
  /** Whether whatever the line gives can begin. */
  isIdle: () => boolean;
  /** Takes the job that the line has just given under a token; null where it gave none. */
  take: (from: GivenBy, token: string) => Promise<Early | null>;
  /** Begins with a job; `early`: it was taken already. */
  process: (job: Job, token: string | undefined, early: Taken | null) => Promise<void>;
}

/** Gives jobs to `process`. */
export class LineWorker extends Worker {
  readonly #redis: Client;
  readonly #taking: Taking;
  #early: (Early & { token: string }) | null = null;
  #asksAgain = false;

  constructor(name: string, redis: Client, taking: Taking, options: Omit<WorkerOptions, 'connection'>) {
    super(name, (job, token) => taking.process(job, token, this.#takenAs(job, token)), {
      ...options,
      connection: redis,
    });
    this.#redis = redis;
    this.#taking = taking;
  }

  protected override async moveToActive(token: string, name?: string): Promise<Job> {
    // It would begin with none before it has as many as it may: what is taken begins, and then it looks again.
    if (this.#asksAgain) {
      this.#asksAgain = false;
      return this.nextJobFromJobData();
    }
    if (this.#early || !this.#taking.isIdle()) return super.moveToActive(token, name);
    const [job, early] = await inOneWrite(this.#redis, () =>
      Promise.all([super.moveToActive(token, name), this.#takeBehindIt(token)]),
    );
    this.#early = early && { ...early, token };
    this.#asksAgain = early !== null;
    return job;
  }

  /** BullMQ sends its command in a microtask: this one comes after it. Should it not, it finds nothing to take. */
  async #takeBehindIt(token: string): Promise<Early | null> {
    await new Promise(setImmediate);
    return this.#taking.take({ active: this.toKey('active'), prefix: this.toKey('') }, token);
  }

  #takenAs(job: Job, token: string | undefined): Taken | null {
    const early = this.#early;
    this.#early = null;
    this.#asksAgain = false;
    return early && early.id === job.id && early.token === token ? early.taken : null;
  }
}
