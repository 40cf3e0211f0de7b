/** A device's trainers: each runs job after job, one that may have to take a place is already warm. */
import type { Logger } from 'pino';
import { childEnvironment, type ChildUser } from '../../src/child-process.js';
import type { ChildSettings, WorkerSettings } from '../../src/config.js';
import type { Share } from '../../src/jobs/slots.js';
import type { EngineInfo } from '../protocol.js';
import { heldTo, isEnoughFor } from './card.js';
import { TrainerProcess } from './trainer-process.js';
import type { ChildLoads } from './usage.js';

/** One that takes longer to forget an attempt is ended. */
const clearingMs = 5000;
const firstDelayMs = 500;
const longestDelayMs = 30_000;
/**
 * Loading an engine takes a core for a second or more. Where attempts follow one another, they come first: the next
 * trainer is forked when none has had its first losses or ended for so long, and in any case after the longer time.
 */
const quietMs = 1000;
const longestWaitMs = 10_000;
/**
 * One that had nothing to do for so long ends, if another is there for the next job: each holds a third of a gigabyte. One
 * on a card ends in any case: it holds the card's memory.
 */
const idleMs = 60_000;

/** One that waits for an attempt after others, and whose the last one was. */
interface Used {
  trainer: TrainerProcess;
  tenant: string;
  timer: NodeJS.Timeout;
}

/** One that waits for its first attempt; with a timer, where attempts have another share by now. */
interface Warm {
  trainer: TrainerProcess;
  timer?: NodeJS.Timeout;
}

/** What its trainers have together, and whom they run as; null: as this process. */
type Room = WorkerSettings['capacity'] & { user: ChildUser | null; cardBytes: number | null };

const nameOf = ({ threads, gpu_memory_bytes = 0 }: Share): string => `${threads}/${gpu_memory_bytes}`;

/** Forks trainers, gives each its attempts, and keeps the next one warm. */
export class Trainers {
  readonly #file: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #noNetwork: boolean;
  /** Whom they run as; null: as this process. */
  readonly user: ChildUser | null;
  readonly #slots: number;
  /** Bytes of the card's memory, where that is known. */
  readonly #cardBytes: number | null;
  /** Of these, what jobs share; 0 where nobody knows how many. Null: there is no card. */
  readonly #memory: number | null;
  readonly #log: Logger;
  readonly #onReady: (engine: EngineInfo) => void;
  readonly #all = new Set<TrainerProcess>();
  /** By their shares, as text: TensorFlow has its threads and its part of a card from its start on. */
  readonly #warm = new Map<string, Warm>();
  /** That of the attempt that began last: the next one is warmed up with as much. */
  #share: Share;
  /** Those that have run attempts and may run another; the one that ended last comes last. */
  #used: Used[] = [];
  readonly #clearing = new Set<Promise<void>>();
  #taken: Promise<unknown> = Promise.resolve();
  #soon: NodeJS.Timeout | undefined;
  #soonSince: number | null = null;
  #retry: NodeJS.Timeout | undefined;
  #deaths = 0;
  #closed = false;

  /** `device`: `cpu`, or `cuda:N`, the only card that its trainers see; `cardBytes`: its memory, where that is known. */
  constructor(
    file: string,
    device: string,
    children: ChildSettings,
    { threads, slots, gpu_memory_bytes: memory, user, cardBytes }: Room,
    log: Logger,
    onReady: (engine: EngineInfo) => void,
  ) {
    this.#file = file;
    const { passed, noNetwork } = children;
    const card = device === 'cpu' ? '-1' : device.replace('cuda:', '');
    // CUDA numbers cards by their speed unless told to do as nvidia-smi does, whose numbers ours are.
    const order = { CUDA_DEVICE_ORDER: 'PCI_BUS_ID' };
    this.#env = { ...order, ...childEnvironment(process.env, passed), CUDA_VISIBLE_DEVICES: card };
    this.#noNetwork = noNetwork;
    this.user = user;
    this.#slots = slots;
    this.#cardBytes = cardBytes;
    this.#memory = device === 'cpu' ? null : (memory ?? 0);
    // Where jobs share the threads, the first one is a small one more often than not.
    this.#share = memory === null ? { threads: slots > 1 ? 1 : threads } : { threads, gpu_memory_bytes: memory };
    this.#log = log;
    this.#onReady = onReady;
  }

  /**
   * A trainer for one attempt of a tenant's, with such a share: one that ran such an attempt, else the warm one, if they
   * live. What another tenant's job may have left in a process is no one else's.
   */
  take(tenant: string, share: Share): Promise<TrainerProcess> {
    // One by one: each has to see what those before it hold.
    const taken = this.#taken.then(() => this.#take(tenant, share));
    this.#taken = taken.catch(() => undefined);
    return taken;
  }

  async #take(tenant: string, share: Share): Promise<TrainerProcess> {
    await Promise.all(this.#clearing);
    this.#share = share;
    const used = this.#takeUsed(tenant, share);
    if (used === null) await this.#makeRoomOnCard(share);
    const trainer = used ?? this.#takeWarm(tenant, share);
    this.#coolOthers(share);
    this.#log.debug({ pid: trainer.pid, again: trainer === used }, 'a trainer is given an attempt');
    return trainer;
  }

  /** What they take of the machine: those that run jobs, and the others. */
  get loads(): ChildLoads {
    const all = [...this.#all];
    const loadsOf = (busy: boolean) => all.filter((each) => each.busy === busy).map(({ load }) => load);
    return { trainers: loadsOf(true), others: loadsOf(false) };
  }

  /** Takes one back whose attempt has ended as it should, for the next attempt; or ends it, if need be. */
  giveBack(trainer: TrainerProcess, tenant: string): void {
    const timer = setTimeout(() => trainer.kill(), clearingMs);
    const clearing = trainer.cleared().then((clean) => {
      clearTimeout(timer);
      this.#clearing.delete(clearing);
      if (this.#closed) trainer.kill();
      else if (clean) this.#keep(trainer, tenant);
      else this.#log.info({ pid: trainer.pid, why: trainer.worn ?? 'it died' }, 'a trainer is replaced');
    });
    this.#clearing.add(clearing);
  }

  /** Sees to it that the next one is warm before long: an attempt has its first losses, or has ended. */
  keepWarmSoon(): void {
    if (this.#closed) return;
    const now = performance.now();
    this.#soonSince ??= now;
    clearTimeout(this.#soon);
    const left = this.#soonSince + longestWaitMs - now;
    this.#soon = setTimeout(() => this.keepWarm(), Math.min(quietMs, Math.max(0, left)));
  }

  /** Sees to it that the next one is warm. */
  keepWarm(): void {
    clearTimeout(this.#soon);
    this.#soonSince = null;
    if (this.#closed) return;
    const known = this.#warm.get(nameOf(this.#share));
    clearTimeout(known?.timer);
    if (known?.trainer.alive) {
      known.timer = undefined;
      return;
    }
    clearTimeout(this.#retry);
    const trainer = this.#fork(this.#share);
    this.#warm.set(nameOf(trainer.share), { trainer });
    void trainer.gone.then((why) => this.#replace(trainer, why));
  }

  /** None is kept warm any more; those that train go on. */
  retire(): void {
    this.#closed = true;
    clearTimeout(this.#soon);
    clearTimeout(this.#retry);
    for (const share of [...this.#warm.keys()]) this.#endWarm(share);
    for (const each of this.#used) this.#end(each);
  }

  /** Ends them all, at once. */
  async close(): Promise<void> {
    this.retire();
    for (const trainer of this.#all) trainer.kill();
    await Promise.all([...this.#all].map(({ gone }) => gone));
  }

  #takeUsed(tenant: string, share: Share): TrainerProcess | null {
    const i = this.#used.findLastIndex(
      (each) => each.tenant === tenant && nameOf(each.trainer.share) === nameOf(share) && each.trainer.alive,
    );
    if (i < 0) return null;
    const [{ trainer, timer }] = this.#used.splice(i, 1);
    clearTimeout(timer);
    return trainer;
  }

  /**
   * TensorFlow gives back no memory of a card that it has ever taken: those that wait for another attempt hold their
   * shares, and end where these are needed.
   */
  async #makeRoomOnCard(share: Share): Promise<void> {
    const bytes = this.#memory;
    if (bytes === null) return;
    const warm = [...this.#warm.values()].map((each) => each.trainer);
    const holding = () => [...this.#all].filter((each) => !warm.includes(each)).map((each) => each.share);
    while (this.#used.length > 0 && !isEnoughFor(bytes, [share, ...holding()])) {
      const { trainer } = this.#used[0];
      this.#log.info({ pid: trainer.pid, why: 'the next job needs its memory of the GPU' }, 'a trainer is replaced');
      this.#end(this.#used[0]);
      await trainer.gone;
    }
  }

  /** No more processes than slots, and those that are warm. */
  #takeWarm(tenant: string, share: Share): TrainerProcess {
    const running = this.#all.size - this.#used.length - this.#warm.size;
    while (this.#used.length > 0 && running + this.#used.length >= this.#slots) {
      const superfluous = this.#used.shift()!;
      const why = superfluous.tenant === tenant ? 'the next job has another share' : 'the next job is another tenant’s';
      this.#log.info({ pid: superfluous.trainer.pid, why }, 'a trainer is replaced');
      this.#end(superfluous);
    }
    const warm = this.#warm.get(nameOf(share));
    if (!warm?.trainer.alive) return this.#fork(share);
    clearTimeout(warm.timer);
    this.#warm.delete(nameOf(share));
    return warm.trainer;
  }

  /** Those with other shares are not needed for long; on a card each has half a gigabyte of it merely by being there. */
  #coolOthers(share: Share): void {
    for (const [other, warm] of this.#warm) {
      if (other === nameOf(share)) continue;
      if (this.#memory !== null) this.#endWarm(other);
      else warm.timer ??= setTimeout(() => this.#endWarm(other), idleMs).unref();
    }
  }

  #endWarm(share: string): void {
    const warm = this.#warm.get(share);
    this.#warm.delete(share);
    clearTimeout(warm?.timer);
    warm?.trainer.kill();
  }

  #keep(trainer: TrainerProcess, tenant: string): void {
    const timer = setTimeout(() => {
      if (this.#used.length > 1 || this.#memory !== null) this.#end(used);
    }, idleMs).unref();
    const used = { trainer, tenant, timer };
    this.#used.push(used);
    void trainer.gone.then(() => this.#forget(used));
  }

  #end(used: Used): void {
    this.#forget(used);
    used.trainer.kill();
  }

  #forget(used: Used): void {
    clearTimeout(used.timer);
    this.#used = this.#used.filter((each) => each !== used);
  }

  #fork(share: Share): TrainerProcess {
    const env = {
      ...this.#env,
      ...heldTo(share, this.#cardBytes),
      TF_NUM_INTRAOP_THREADS: String(share.threads),
    };
    const trainer = new TrainerProcess(this.#file, env, share, { noNetwork: this.#noNetwork, user: this.user });
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
    const share = nameOf(trainer.share);
    if (this.#closed || this.#warm.get(share)?.trainer !== trainer) return;
    this.#warm.delete(share);
    if (share !== nameOf(this.#share)) return;
    const delay = Math.min(firstDelayMs * 2 ** this.#deaths++, longestDelayMs);
    this.#log.warn({ why, retry_in_ms: delay }, 'the warm trainer died');
    this.#retry = setTimeout(() => this.keepWarm(), delay);
  }
}
