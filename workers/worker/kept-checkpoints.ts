/** The checkpoints that an attempt's trainer writes, on their way to storage. */
import { rm } from 'node:fs/promises';
import { OnecycleError } from '../../src/errors.js';
import { artifacts } from '../../src/jobs/artifacts.js';
import type { Attempt } from '../../src/jobs/log/attempt.js';
import { newCheckpointId } from '../../src/jobs/redis/keys.js';
import type { Storage } from '../../src/storage/index.js';
import type { FromTrainer } from '../protocol.js';
import type { AttemptFolder } from './attempt-folder.js';

type Written = Extract<FromTrainer, { type: 'checkpoint' }>;

/** Keeps what the trainer has written: one after another, each once all before it is in the log. */
export class KeptCheckpoints {
  #keeping: Promise<void> = Promise.resolve();

  /** `onKept` hears that one is in storage, or was given up: nothing of it is in the folder any more. */
  constructor(
    private readonly attempt: Attempt,
    private readonly folder: AttemptFolder,
    private readonly storage: Storage,
    private readonly onKept: () => void,
  ) {}

  /** Stores one, when those before it are. */
  keep(message: Written): void {
    this.#keeping = this.#keeping.then(() => this.#keep(message)).then(this.onKept);
    this.#keeping.catch(() => undefined); // `settled` says so
  }

  /** @throws what Redis or the storage refused to store */
  settled(): Promise<void> {
    return this.#keeping;
  }

  async #keep({ file, checkpoint }: Written): Promise<void> {
    const { attempt, storage } = this;
    await attempt.stored();
    if (attempt.lost) return;
    const id = newCheckpointId();
    const name = artifacts.checkpoint(attempt.id, id);
    const taken = await this.folder.take(file);
    try {
      await storage.put(name, { file: taken }, { once: true });
    } catch (error) {
      if (!(error instanceof OnecycleError && ['disk_full', 'storage_unavailable'].includes(error.code))) throw error;
      await rm(taken, { force: true });
      attempt.warn({ reason: checkpoint.reason, message: error.message }, 'a checkpoint could not be stored');
      return;
    }
    const superfluous = await attempt.addCheckpoint(id, checkpoint);
    for (const each of superfluous) await storage.remove(artifacts.checkpoint(attempt.id, each));
  }
}
