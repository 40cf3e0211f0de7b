import { Worker } from 'node:worker_threads';
import { shared } from '../../numbers/memory.js';
import type { Batch, Dataset } from '../types.js';
import { announce, createRing, firstRows, words, type Ring } from './ring.js';
import type { ThreadData } from './thread.js';

/** Copying some rows takes milliseconds: a thread that is silent for so long has died. */
const patience = 30_000;

/** Batches of rows that do not lie side by side, put together by a thread of its own while those before them are in use. */
export class Prefetcher {
  private thread: { worker: Worker; ring: Ring } | null = null;
  /** The epoch whose first batch comes next; null where the thread is somewhere else. */
  private upcoming: number | null = null;
  /** Chunks that were taken since the order was asked for. */
  private taken = 0;

  constructor(private readonly options: Omit<ThreadData, 'dataset' | 'ring'> & { dataset: Dataset }) {}

  /** The batches of one epoch, from the `start`th on. One epoch at a time. */
  *epoch(epoch: number, start: number): Generator<Batch, void, undefined> {
    const { batches, batchSize, order } = this.options;
    const { ring } = this.start();
    if (this.upcoming !== epoch || start !== 0) this.ask(ring, epoch, start);
    this.upcoming = null; // until it has been gone through
    const chunk = ring.slots[0].length;
    for (let first = start; first < batches; first += chunk) {
      const slot = this.take(ring);
      for (let i = first; i < Math.min(first + chunk, batches); i++) {
        yield firstRows(slot[i - first], Math.min(batchSize, order.rows.length - i * batchSize));
      }
      giveBack(ring);
    }
    this.upcoming = epoch + 1;
  }

  /** Stops the thread; the next epoch starts another. */
  dispose(): void {
    void this.thread?.worker.terminate();
    this.thread = null;
  }

  /** Starts the thread, unless it runs. The first epoch would; but till then it may have put the first batches together. */
  start(): { ring: Ring } {
    if (this.thread !== null) return this.thread;
    const { dataset, ...options } = this.options;
    const { rows, x, y } = dataset;
    const ring = createRing(dataset, options.batchSize, options.batches);
    const workerData: ThreadData = { ...options, dataset: { rows, x: shared(x), y: shared(y) }, ring };
    // The process's own options may not suit a thread: --input-type does not.
    const worker = new Worker(new URL('./thread.js', import.meta.url), { workerData, execArgv: [] });
    worker.unref();
    this.thread = { worker, ring };
    this.ask(ring, 0, 0); // most likely
    this.upcoming = 0;
    return this.thread;
  }

  private ask({ control }: Ring, epoch: number, start: number): void {
    this.taken = 0;
    Atomics.store(control, words.used, 0);
    Atomics.store(control, words.epoch, epoch);
    Atomics.store(control, words.start, start);
    Atomics.add(control, words.wanted, 1);
    announce(control, 'calls');
  }

  /** The next chunk, as soon as it is there. */
  private take({ slots, control }: Ring): Batch[] {
    const read = (word: keyof typeof words): number => Atomics.load(control, words[word]);
    // The first silence may be the machine's, that slept.
    for (let silences = 0; silences < 2;) {
      const answers = read('answers');
      if (read('making') === read('wanted') && read('made') > this.taken) return slots[this.taken++ % slots.length];
      if (Atomics.wait(control, words.answers, answers, patience) === 'timed-out') silences++;
    }
    throw new Error('The thread that puts batches together has died');
  }
}

function giveBack({ control }: Ring): void {
  Atomics.add(control, words.used, 1);
  announce(control, 'calls');
}
