import { Worker } from 'node:worker_threads';
import { threadCount } from '../../config.js';
import { OnecycleError } from '../../errors.js';
import type { Batch, MadeRows } from '../types.js';
import type { FromMaker, MakerData, Task } from './made-thread.js';

/** As many threads as fastai's DataLoader has workers at most. */
const maxThreads = 16;

/** A chunk of batches that threads are at work on, or have made. */
export interface Chunk {
  slot: number;
  /** Why one of its rows could not be made. */
  failed: Error | null;
}

/** Threads that make the rows of chunks together, a few rows each at a time. */
export class Crew {
  /** Memory for chunks, by slot and place. */
  readonly slots: Batch[][];
  private readonly threads: Worker[];
  private readonly words: Pick<MakerData, 'begun' | 'left' | 'failures' | 'generation'>;
  private readonly chunks = new Map<number, Chunk>();
  /** Why they make no more rows. */
  private ended: Error | null = null;
  private listeners: (() => void)[] = [];

  constructor(rows: MadeRows, slots: Batch[][], at: MakerData['at']) {
    this.slots = slots;
    const count = rows.expensive === true ? Math.min(threadCount(), maxThreads) : 1;
    const bySlot = () => shared(slots.length);
    this.words = { begun: bySlot(), left: bySlot().fill(count), failures: bySlot(), generation: shared(1) };
    const workerData: MakerData = { rows, slots, at, ...this.words };
    this.threads = Array.from({ length: count }, () => this.hire(workerData));
  }

  /** Slots that no thread is at work on. */
  get free(): number[] {
    return this.slots.flatMap((_, slot) => (this.isLeft(slot) ? [slot] : []));
  }

  /** Has the threads make a chunk, once they have done with those before it. Its slot must be free. */
  post(task: Omit<Task, 'generation'>): Chunk {
    const chunk: Chunk = { slot: task.slot, failed: null };
    this.chunks.set(task.slot, chunk);
    const { begun, failures, left, generation } = this.words;
    for (const word of [begun, failures, left]) Atomics.store(word, task.slot, 0);
    for (const thread of this.threads) thread.postMessage({ ...task, generation: generation[0] } satisfies Task);
    return chunk;
  }

  /** Has the threads leave all that they were given. */
  leaveAll(): void {
    Atomics.add(this.words.generation, 0, 1);
  }

  /**
   * Whether a chunk is there.
   * @throws Error where a row of it could not be made, or it will never be there since a thread has died
   */
  isMade(chunk: Chunk): boolean {
    if (chunk.failed !== null) throw chunk.failed;
    // A failure is on its way where there is one.
    if (this.isLeft(chunk.slot)) return Atomics.load(this.words.failures, chunk.slot) === 0;
    if (this.ended !== null) throw this.ended;
    return false;
  }

  /**
   * Resolves when something has changed. The threads keep the process alive until then, and only then.
   * @throws Error where a thread has died
   */
  async news(): Promise<void> {
    if (this.ended !== null) throw this.ended;
    for (const thread of this.threads) thread.ref();
    await new Promise<void>((resolve) => this.listeners.push(resolve));
    for (const thread of this.threads) thread.unref();
  }

  /** Ends the threads. */
  end(): void {
    this.stop(new Error('The threads that prepare rows were stopped'));
    for (const thread of this.threads) void thread.terminate();
  }

  private isLeft(slot: number): boolean {
    return Atomics.load(this.words.left, slot) === this.threads.length;
  }

  private hire(workerData: MakerData): Worker {
    // The process's own options may not suit a thread: --input-type does not.
    const thread = new Worker(new URL('./made-thread.js', import.meta.url), { workerData, execArgv: [] });
    thread.unref();
    thread.on('message', (message: FromMaker) => this.hear(message));
    thread.once('error', (cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      this.stop(new Error(`A thread that prepares rows died: ${why}`, { cause }));
    });
    thread.once('exit', () => this.stop(new Error('A thread that prepares rows died')));
    return thread;
  }

  private hear({ failed }: FromMaker): void {
    const chunk = failed === null ? undefined : this.chunks.get(failed.slot);
    if (failed !== null && chunk !== undefined && failed.generation === this.words.generation[0]) {
      const { code, message } = failed;
      chunk.failed ??= code === null ? new Error(message) : new OnecycleError(code, message);
    }
    this.tell();
  }

  private stop(why: Error): void {
    this.ended ??= why;
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners.splice(0)) listener();
  }
}

const shared = (words: number): Int32Array =>
  new Int32Array(new SharedArrayBuffer(words * Int32Array.BYTES_PER_ELEMENT));
