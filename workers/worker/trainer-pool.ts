/** A device's trainers: one runs job after job, the one that may have to take its place is already warm. */
import type { Logger } from 'pino';
import { childEnvironment, type ChildUser } from '../../src/child-process.js';
import type { ChildSettings } from '../../src/config.js';
import type { EngineInfo } from '../protocol.js';
import { TrainerProcess } from './trainer-process.js';
import type { ChildLoads } from './usage.js';

/** One that takes longer to forget an attempt is ended. */
const clearingMs = 5000;
const firstDelayMs = 500;
const longestDelayMs = 30_000;

/** Forks trainers, gives each its attempts, and keeps the next one warm. */
export class Trainers {
  readonly #file: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #noNetwork: boolean;
  /** Whom they run as; null: as this process. */
  readonly user: ChildUser | null;
  readonly #log: Logger;
  readonly #onReady: (engine: EngineInfo) => void;
  readonly #all = new Set<TrainerProcess>();
  #warm: TrainerProcess | null = null;
  /** The one that has run the last attempt, if another may follow. */
  #used: TrainerProcess | null = null;
  /** Whose that attempt was. */
  #tenant = '';
  #clearing: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #deaths = 0;
  #closed = false;

  /** `device`: `cpu`, or `cuda:N`, the only card that its trainers see. */
  constructor(
    file: string,
    device: string,
    children: ChildSettings,
    user: ChildUser | null,
    log: Logger,
    onReady: (engine: EngineInfo) => void,
  ) {
    this.#file = file;
    const { passed, noNetwork } = children;
    const card = device === 'cpu' ? '-1' : device.replace('cuda:', '');
    this.#env = { ...childEnvironment(process.env, passed), CUDA_VISIBLE_DEVICES: card };
    this.#noNetwork = noNetwork;
    this.user = user;
    this.#log = log;
    this.#onReady = onReady;
  }

  /**
   * A trainer for one attempt of a tenant's: the one that ran the last, else the warm one, if they live. What another
   * tenant's job may have left in a process is no one else's.
   */
  async take(tenant: string): Promise<TrainerProcess> {
    await this.#clearing;
    const used = this.#used;
    this.#used = null;
    const isOthers = tenant !== this.#tenant;
    this.#tenant = tenant;
    if (used?.alive && isOthers) {
      this.#log.info({ pid: used.pid, why: 'the next job is another tenant’s' }, 'a trainer is replaced');
      used.kill();
    }
    const trainer = used?.alive && !isOthers ? used : this.#takeWarm();
    this.#log.debug({ pid: trainer.pid, again: trainer === used }, 'a trainer is given an attempt');
    return trainer;
  }

  /** What they take of the machine: the one that runs a job, and the others. */
  get loads(): ChildLoads {
    const all = [...this.#all];
    const others = all.filter(({ busy }) => !busy).map(({ load }) => load);
    return { trainer: all.find(({ busy }) => busy)?.load ?? null, others };
  }

  /** Takes one back whose attempt has ended as it should, for the next attempt; or ends it, if need be. */
  giveBack(trainer: TrainerProcess): void {
    const timer = setTimeout(() => trainer.kill(), clearingMs);
    this.#clearing = trainer.cleared().then((clean) => {
      clearTimeout(timer);
      if (this.#closed) trainer.kill();
      else if (clean) this.#used = trainer;
      else this.#log.info({ pid: trainer.pid, why: trainer.worn ?? 'it died' }, 'a trainer is replaced');
    });
  }

  /** Sees to it that the next one is warm. */
  keepWarm(): void {
    if (this.#closed || this.#warm?.alive) return;
    clearTimeout(this.#retry);
    const trainer = this.#fork();
    this.#warm = trainer;
    void trainer.gone.then((why) => this.#replace(trainer, why));
  }

  /** None is kept warm any more; the one that trains goes on. */
  retire(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#warm?.kill();
    this.#used?.kill();
  }

  /** Ends them all, at once. */
  async close(): Promise<void> {
    this.retire();
    for (const trainer of this.#all) trainer.kill();
    await Promise.all([...this.#all].map(({ gone }) => gone));
  }

  #takeWarm(): TrainerProcess {
    const trainer = this.#warm?.alive ? this.#warm : this.#fork();
    this.#warm = null;
    return trainer;
  }

  #fork(): TrainerProcess {
    const trainer = new TrainerProcess(this.#file, this.#env, this.#noNetwork, this.user);
    this.#all.add(trainer);
    void trainer.gone.then(() => this.#all.delete(trainer));
    trainer.ready.then(
      (engine) => {
        this.#deaths = 0;
        this.#onReady(engine);
      },
      () => undefined,
    );
    return trainer;
  }

  /** One that died while it was kept warm is forked anew, ever later if they keep dying. */
  #replace(trainer: TrainerProcess, why: string): void {
    if (this.#closed || this.#warm !== trainer) return;
    this.#warm = null;
    const delay = Math.min(firstDelayMs * 2 ** this.#deaths++, longestDelayMs);
    this.#log.warn({ why, retry_in_ms: delay }, 'the warm trainer died');
    this.#retry = setTimeout(() => this.keepWarm(), delay);
  }
}
