/** The checkpoints that an attempt's trainer writes, on their way to storage. */
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

  constructor(
    private readonly attempt: Attempt,
    private readonly folder: AttemptFolder,
    private readonly storage: Storage,
  ) {}

  /** Stores one, when those before it are. */
  keep(message: Written): void {
    this.#keeping = this.#keeping.then(() => this.#keep(message));
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
    try {
      await storage.put(name, { file: await this.folder.take(file) }, { once: true });
    } catch (error) {
      if (!(error instanceof OnecycleError && ['disk_full', 'storage_unavailable'].includes(error.code))) throw error;
      attempt.warn({ reason: checkpoint.reason, message: error.message }, 'a checkpoint could not be stored');
      return;
    }
    const superfluous = await attempt.addCheckpoint(id, checkpoint);
    for (const each of superfluous) await storage.remove(artifacts.checkpoint(attempt.id, each));
  }
}
