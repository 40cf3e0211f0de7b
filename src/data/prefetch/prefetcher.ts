import { Worker } from 'node:worker_threads';
import { shared } from '../../numbers/memory.js';
import { orderOf } from '../gather.js';
import type { Batch, MemoryDataset } from '../types.js';
import { announce, batchesOf, createRing, fillBatches, firstRows, words, type Ring } from './ring.js';
import type { ThreadData } from './thread.js';

/** Copying some rows takes milliseconds. Where the thread is silent for longer, its user puts the batches together. */
const silenceMs = 1000;

/** What a Prefetcher goes through. */
export type PrefetcherOptions = Omit<ThreadData, 'dataset' | 'ring'> & { dataset: MemoryDataset };

interface Thread {
  worker: Worker;
  ring: Ring;
  /** Why it puts no more batches together. */
  ended: Error | null;
}

/** Batches of rows that lie in memory, but not side by side: put together by its own thread while those before them are in use. */
export class Prefetcher {
  private thread: Thread | null = null;
  /** The order whose first batch comes next; null where the thread is somewhere else. */
  private upcoming: number | null = null;
  /** Chunks that were taken since the order was asked for. */
  private taken = 0;

  constructor(private readonly options: PrefetcherOptions) {}

  /** Whether its thread has been started, and has put something together since. */
  get answers(): boolean {
    return this.thread !== null && Atomics.load(this.thread.ring.control, words.answers) > 0;
  }

  /**
   * The batches of one epoch, from the `start`th on. One epoch at a time.
   * @throws Error where the thread has died, with the error that it died of
   */
  *epoch(epoch: number, start: number): Generator<Batch, void, undefined> {
    const { batches, batchSize, order } = this.options;
    const thread = this.start();
    const { ring } = thread;
    // Rows that are not shuffled come in one order in every epoch: what was put together ahead is right for any.
    const wanted = order.shuffle ? epoch : 0;
    if (this.upcoming !== wanted || start !== 0) this.ask(ring, wanted, start);
    this.upcoming = null; // until it has been gone through
    const chunk = ring.slots[0].length;
    for (let first = start; first < batches; first += chunk) {
      const slot = this.take(thread) ?? this.make(wanted, first, Math.min(first + chunk, batches));
      for (let i = first; i < Math.min(first + chunk, batches); i++) {
        yield firstRows(slot[i - first], Math.min(batchSize, order.rows.length - i * batchSize));
      }
      giveBack(ring);
    }
    this.upcoming = order.shuffle ? epoch + 1 : 0;
  }

  /** Stops the thread; the next epoch starts another. */
  dispose(): void {
    void this.thread?.worker.terminate();
    this.thread = null;
  }

  /**
   * Starts the thread, unless it runs. The first epoch would; but till then it may have put the first batches together.
   */
  start(): Thread {
    if (this.thread !== null) return this.thread;
    const { dataset, ...options } = this.options;
    const { rows, x_shape, x, y } = dataset;
    const ring = createRing(dataset, options.batchSize, options.batches);
    const workerData: ThreadData = { ...options, dataset: { rows, x_shape, x: shared(x), y: shared(y) }, ring };
    // The process's own options may not suit a thread: --input-type does not.
    const worker = new Worker(new URL('./thread.js', import.meta.url), { workerData, execArgv: [] });
    worker.unref();
    const thread: Thread = { worker, ring, ended: null };
    worker.once('error', (cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      thread.ended = new Error(`The thread that assembles batches died: ${why}`, { cause });
    });
    worker.once('exit', () => (thread.ended ??= new Error('The thread that assembles batches died')));
    this.thread = thread;
    this.ask(ring, 0, 0); // most likely
    this.upcoming = 0;
    return thread;
  }

  private ask({ control }: Ring, epoch: number, start: number): void {
    this.taken = 0;
    Atomics.store(control, words.used, 0);
    Atomics.store(control, words.epoch, epoch);
    Atomics.store(control, words.start, start);
    Atomics.add(control, words.wanted, 1);
    announce(control, 'calls');
  }

  /**
   * The next chunk, as soon as it is there; undefined where the thread is silent for too long. It may have died then,
   * which is not known before the event loop turns: whoever uses the batches must not be kept from that.
   */
  private take({ ring: { slots, control }, ended }: Thread): Batch[] | undefined {
    const taking = this.taken++;
    const read = (word: keyof typeof words): number => Atomics.load(control, words[word]);
    for (;;) {
      const answers = read('answers');
      if (read('making') === read('wanted') && read('made') > taking) return slots[taking % slots.length];
      if (ended !== null) throw ended;
      if (Atomics.wait(control, words.answers, answers, silenceMs) === 'timed-out') return undefined;
    }
  }

  /**
   * Batches of an epoch, from the `first`th up to `end`, in memory of their own. The thread still puts them together
   * too.
   */
  private make(epoch: number, first: number, end: number): Batch[] {
    const { dataset, order, batchSize } = this.options;
    const made = batchesOf(dataset, batchSize, end - first);
    fillBatches(made, { dataset, rows: orderOf(order, epoch), batchSize }, first, end);
    return made;
  }
}

function giveBack({ control }: Ring): void {
  Atomics.add(control, words.used, 1);
  announce(control, 'calls');
}
