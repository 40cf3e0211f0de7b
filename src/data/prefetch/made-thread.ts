/** A thread that makes rows of batches ahead of their use, together with others of its kind. */
import { parentPort, workerData } from 'node:worker_threads';
import { OnecycleError, type ErrorCode } from '../../errors.js';
import type { Batch, MadeRows, RowMaker } from '../types.js';

/** What the thread is given. What threads share lies in shared memory. */
export interface MakerData {
  rows: MadeRows;
  slots: Batch[][];
  at: { seed: number; training: boolean };
  /** By slot: groups of rows that were begun, threads that have left it, rows that could not be made. */
  begun: Int32Array;
  left: Int32Array;
  failures: Int32Array;
  /** Counts changes of mind: a task of another one is left as it is. */
  generation: Int32Array;
}

/** A chunk to be made: rows of consecutive batches, the last of which may be smaller. */
export interface Task {
  slot: number;
  epoch: number;
  rows: Int32Array;
  batchSize: number;
  generation: number;
}

/** The thread has left a task; `failed` where a row of it could not be made. */
export interface FromMaker {
  failed: { slot: number; generation: number; code: ErrorCode | null; message: string } | null;
}

const { rows: made, slots, at, begun, left, failures, generation } = workerData as MakerData;
const port = parentPort!;

/**
 * How many rows of an expensive kind a thread has in hand at once: one is decoded by a library's thread, the other
 * computed by this.
 */
const lanesOfExpensive = 3;

const { open } = (await import(made.module)) as { open: (options: unknown) => RowMaker | Promise<RowMaker> };
const maker = await open(made.options);

/** Makes rows that no other thread has begun, until there are none left. */
async function lane({ slot, epoch, rows, batchSize, generation: wanted }: Task): Promise<void> {
  const group = made.expensive === true ? 1 : batchSize;
  const groups = Math.ceil(batchSize / group);
  while (Atomics.load(generation, 0) === wanted) {
    const claimed = Atomics.add(begun, slot, 1);
    const batch = Math.floor(claimed / groups);
    const first = (claimed % groups) * group;
    const from = batch * batchSize + first;
    if (from >= rows.length) return;
    const part = rows.subarray(from, Math.min(from + group, (batch + 1) * batchSize));
    const { x } = slots[slot][batch];
    const width = x.length / batchSize;
    await maker.fill(part, { ...at, epoch }, x.subarray(first * width, (first + part.length) * width));
  }
}

async function make(task: Task): Promise<void> {
  const lanes = Array.from({ length: made.expensive === true ? lanesOfExpensive : 1 }, () => lane(task));
  const failure = (await Promise.allSettled(lanes)).find((result) => result.status === 'rejected');
  if (failure !== undefined) Atomics.add(failures, task.slot, 1);
  // Whoever waits looks at these words when it is told, and has seen the failure by then where there is one.
  Atomics.add(left, task.slot, 1);
  port.postMessage({ failed: failure === undefined ? null : described(task, failure.reason) } satisfies FromMaker);
}

function described({ slot, generation }: Task, error: unknown): FromMaker['failed'] {
  const message = error instanceof Error ? error.message : String(error);
  return { slot, generation, code: error instanceof OnecycleError ? error.code : null, message };
}

let last = Promise.resolve();
port.on('message', (task: Task) => {
  last = last.then(() => make(task));
});
