/**
 * What a worker does beside its jobs, every few seconds: it puts right what others left undone, stores the logs of
 * ended jobs, deletes old ones, and removes what nothing refers to.
 */
import type { Logger } from 'pino';
import type { Storage } from '../storage/storage.js';
import { removeUnknownCheckpoints } from './checkpoints.js';
import { removeDatasetFiles } from './datasets/removal.js';
import { LogArchive } from './log/archive.js';
import { readCheckpoints } from './redis/checkpoints.js';
import type { Client } from './redis/client.js';
import type { Queues } from './redis/queues.js';
import { Orphans, ownsStorage } from './orphans.js';
import { Reconciler } from './redis/reconcile.js';
import { removeLeftovers } from './remove.js';
import { Retention } from './retention.js';
import { sweepFiles } from './sweep.js';
import { sweepPredictions } from './sweep-predictions.js';

const tidyMs = 5000;

/** Tidies up at once and then again and again, never twice at a time. */
export class Tidying {
  readonly #redis: Client;
  readonly #storage: Storage;
  readonly #reconciler: Reconciler;
  readonly #archive: LogArchive;
  readonly #retention: Retention | null;
  readonly #orphans: Orphans;
  readonly #log: Logger;
  #strange = false;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;

  /** `keepDays`: days that ended jobs are kept; null: for ever. */
  constructor(redis: Client, queues: Queues, storage: Storage, keepDays: number | null, log: Logger) {
    this.#redis = redis;
    this.#storage = storage;
    this.#reconciler = new Reconciler(redis, queues);
    this.#archive = new LogArchive(redis, storage);
    this.#retention = keepDays === null ? null : new Retention({ redis, queues, storage }, keepDays);
    this.#orphans = new Orphans(redis, storage);
    this.#log = log;
  }

  /** Settles after the first time. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.#once(), tidyMs);
    await this.#once();
  }

  /** Settles when nothing goes on any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  #once(): Promise<void> {
    return (this.#running ??= this.#tidy().finally(() => (this.#running = null)));
  }

  async #tidy(): Promise<void> {
    await this.#part('could not maintain the queue', () => this.#reconcile());
    await this.#part('could not store logs', () => this.#storeLogs());
    await this.#part('could not delete old jobs', () => this.#deleteOld());
    await this.#part('could not remove files of deleted jobs', () => removeLeftovers(this.#redis, this.#storage));
    await this.#part('could not remove files of deleted data sets', () =>
      removeDatasetFiles(this.#redis, this.#storage),
    );
    await this.#part('could not remove files that were left over', () => this.#sweep());
  }

  /** One part that fails keeps no other from being done. */
  async #part(failure: string, tidy: () => Promise<void>): Promise<void> {
    try {
      await tidy();
    } catch (error) {
      this.#log.warn({ err: error }, failure);
    }
  }

  async #reconcile(): Promise<void> {
    const { requeued, moved } = await this.#reconciler.reconcile();
    for (const job of requeued) this.#log.warn({ job }, 'job queued again: no queue knew it');
    for (const job of moved) this.#log.info({ job }, 'job moved to the queue of live workers');
  }

  async #storeLogs(): Promise<void> {
    const { stored, failed } = await this.#archive.storeAll();
    for (const job of stored) {
      this.#log.debug({ job }, 'log stored');
      await removeUnknownCheckpoints(this.#storage, job, await readCheckpoints(this.#redis, job));
    }
    for (const { job, error, againMs } of failed)
      this.#log.warn({ job, err: error, again_in_ms: againMs }, 'log could not be stored');
  }

  async #deleteOld(): Promise<void> {
    const count = (await this.#retention?.deleteOld()) ?? 0;
    if (count > 0) this.#log.info({ count }, 'old jobs deleted');
  }

  async #sweep(): Promise<void> {
    if (!(await ownsStorage(this.#redis, this.#storage))) {
      if (!this.#strange) this.#log.warn('the data folder belongs to another Redis: nothing is removed there');
      this.#strange = true;
      return;
    }
    for (const job of await sweepFiles(this.#redis, this.#storage))
      this.#log.warn({ job }, 'files removed: their job was never created');
    const forgotten = await sweepPredictions(this.#storage);
    if (forgotten > 0)
      this.#log.info({ count: forgotten }, 'files of predictions removed: no request is waiting for them');
    const { jobs, workFolders } = await this.#orphans.sweep();
    for (const job of jobs) this.#log.warn({ job }, 'files removed: there is no such job');
    for (const name of workFolders)
      this.#log.info({ name }, 'unfinished files removed: no process is writing them any more');
  }
}
