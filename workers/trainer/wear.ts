/** What jobs leave behind in a trainer, and whether another may follow. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Engine } from '../../src/engine/index.js';
import type { OwnCallbacks } from '../../src/request/own-callbacks.js';
import type { JobSpec } from '../../src/request/spec.js';
import type { Ended } from './run.js';

/**
 * Resident memory beyond what the process began with, its engine loaded: above it the trainer is replaced. Small jobs
 * take some 60 MB, the first ones, and no more however many they are: kernels that oneDNN writes for the shapes that it
 * meets, pools, compiled JavaScript. oneDNN's allocator keeps what a large model needed for the next one: 700 MB after a
 * ResNet-18, until the trainer has had nothing to do for a minute.
 */
const growthBytes = 2 ** 30;
/** On a card the kernels of CUDA's libraries come to that: a process that trained a ResNet-18 had 2.1 GB there at most. */
const growthOnCardBytes = 2 ** 31;
/** V8 does not count memory that threads share, so an ended job's rows are garbage that it sees no reason to collect. */
const garbageBytes = 2 ** 26;

/** Counts what a trainer's jobs leave behind. */
export class Wear {
  readonly #engine: Engine;
  readonly #own: OwnCallbacks;
  readonly #maxJobs: number;
  readonly #held: number;
  readonly #residentBytes = process.memoryUsage.rss();
  #jobs = 0;
  /** What it had grown by when garbage was collected the last time, or less: what comes on top may be garbage. */
  #kept = 0;

  /** To be made before the first job; `own` are the custom callbacks there are. */
  constructor(engine: Engine, own: OwnCallbacks, maxJobs: number) {
    this.#engine = engine;
    this.#own = own;
    this.#maxJobs = maxJobs;
    this.#held = engine.held();
  }

  /** Why the trainer takes no job after the one that has ended; null: it does. */
  after(spec: JobSpec, ended: Ended): string | null {
    this.#jobs++;
    if (ended.type === 'failed') return 'its job has failed';
    // What modules of a user's keep, nobody can take back.
    if (spec.callbacks.some(({ name }) => this.#own.has(name))) return 'its job had custom callbacks';
    const left = this.#engine.held() - this.#held;
    if (left !== 0) return `its job left ${left} tensors or graphs`;
    const allowed = this.#engine.device.startsWith('cpu') ? growthBytes : growthOnCardBytes;
    const grown = this.#grownBytes(allowed);
    if (grown > allowed) return `it has grown by ${Math.round(grown / 1e6)} MB`;
    return this.#jobs < this.#maxJobs ? null : `it has run ${this.#jobs} jobs`;
  }

  /** Once garbage is collected, where there may be much of it, or where it may be what is too much. */
  #grownBytes(allowed: number): number {
    const grown = (): number => process.memoryUsage.rss() - this.#residentBytes;
    const collects = grown() > Math.min(this.#kept + garbageBytes, allowed);
    if (collects) collectGarbage();
    const left = grown();
    this.#kept = collects ? left : Math.min(this.#kept, left);
    return left;
  }
}

/** Node offers it to those alone that were started with a flag. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
