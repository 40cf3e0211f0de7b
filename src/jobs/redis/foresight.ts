/** Where the next job will wait, most likely: where the last one did. So it can be queued in the write that stores it. */
import type { JobSpec } from '../../request/spec.js';
import { jobProtocol, poolText } from '../pools.js';
import type { DeviceKind } from '../record.js';
import type { Client } from './client.js';
import { lineOf, partsOf, type Line } from './lines.js';
import { inOneWrite } from './one-write.js';
import { sharedPriority, type Queues } from './queues.js';

/** What an API process knows of the last job that it stored. */
export class Foresight {
  readonly #redis: Client;
  /** The kind of worker that jobs for `auto` are for; null where none was stored yet. */
  #auto: DeviceKind | null = null;
  #usual = false;

  constructor(redis: Client) {
    this.#redis = redis;
  }

  /** The line that a job will be in; null where that is not known, or it may have to wait aside. */
  lineFor({ device, concurrency_key, requires = {} }: JobSpec, protocol = jobProtocol): Line | null {
    if (!this.#usual || concurrency_key !== undefined) return null;
    const kind = device === 'auto' ? this.#auto : device;
    return kind && lineOf(kind, poolText({ requires, protocol }));
  }

  /** Learns where a job is that neither waits aside nor takes turns with those of other tenants. */
  learn({ device }: JobSpec, line: Line): void {
    // In a cluster that elects a primary, what was sent later may come first: the entry without a record would be dropped.
    this.#usual = !this.#redis.isCluster;
    if (device === 'auto') this.#auto = partsOf(line).kind;
  }

  /** Of the next job nothing is known. */
  forget(): void {
    this.#usual = false;
  }
}

/** What the script that stores a job says of it. */
export interface Stored {
  line: Line;
  /** It waits aside. */
  aside: boolean;
  /** Tenants take turns. */
  fair: boolean;
}

/** A job's entry in the queue: made with its record where the line can be foreseen, else when that is known. */
export class QueueEntry {
  readonly #queues: Queues;
  readonly #foresight: Foresight;
  readonly #id: string;
  readonly #spec: JobSpec;
  #line: Line | null;
  #added: Promise<void> = Promise.resolve();

  /** `limited`: how many of such jobs may run at once is limited. */
  constructor(queues: Queues, foresight: Foresight, id: string, spec: JobSpec, limited: boolean, protocol?: number) {
    this.#queues = queues;
    this.#foresight = foresight;
    this.#id = id;
    this.#spec = spec;
    this.#line = limited ? null : foresight.lineFor(spec, protocol);
  }

  /** Stores the job by `store`, and adds it in the same write if it can: `created` or `dropped` must follow. */
  with<T>(redis: Client, store: () => Promise<T>): Promise<T> {
    const line = this.#line;
    if (line === null) return store();
    return inOneWrite(redis, () => {
      const stored = store();
      this.#added = this.#add(line, this.#spec.priority);
      this.#added.catch(() => undefined); // whoever waits for it hears of it
      return stored;
    });
  }

  /**
   * The job was stored: settles when it is in its line. Should this process end before, a worker finds the record and
   * queues it. If it is in line although it must wait aside, whoever takes it puts it there.
   */
  async created({ line, aside, fair }: Stored): Promise<void> {
    if (aside || fair) this.#foresight.forget();
    else this.#foresight.learn(this.#spec, line);
    const isThere = this.#line === line && !fair;
    if (aside || isThere) return this.#added;
    await this.#takeBack();
    await this.#add(line, fair ? sharedPriority : this.#spec.priority);
  }

  /** The job was not stored. */
  dropped(): Promise<void> {
    this.#foresight.forget();
    return this.#takeBack();
  }

  #add(line: Line, priority: number): Promise<void> {
    return this.#queues.add(line, this.#id, { priority });
  }

  /** A worker that has it already finds that it is not for it. */
  async #takeBack(): Promise<void> {
    if (this.#line === null) return;
    await this.#added;
    await this.#queues.remove(this.#line, this.#id);
    this.#line = null;
  }
}
