import { align, allocate, like } from '../../numbers/memory.js';
import { widths } from '../gather.js';
import type { Batch, Dataset } from '../types.js';

/**
 * Memory through which batches go from the thread that puts them together to the one that uses them.
 * They go in chunks, a slot each: waking a thread for every tiny batch would cost more than the batch.
 */
export interface Ring {
  /** By slot, by place in its chunk: room for a whole batch. */
  slots: Batch[][];
  /** Words that both threads see; `words` says which is which. */
  control: Int32Array;
}

/** The words of a ring's control. `calls` and `answers` only count, to be waited on: they change with every change of the others. */
export const words = {
  calls: 0,
  /** Which order of batches the user wants: counts its changes of mind. */
  wanted: 1,
  /** The epoch and the batch in it where the wanted order begins. */
  epoch: 2,
  start: 3,
  /** Chunks of the wanted order that the user has done with. */
  used: 4,
  answers: 5,
  /** The order that is being put together, and how many chunks of it are there. */
  making: 6,
  made: 7,
} as const;

/** One is in use, one was in use before and still stands, the others are on their way. */
const slotCount = 4;
const chunkBytes = 2 ** 18;
const maxChunk = 64;

export function createRing(dataset: Dataset, batchSize: number, batches: number): Ring {
  const [width, height] = widths(dataset);
  const xBytes = batchSize * width * dataset.x.BYTES_PER_ELEMENT;
  const batchBytes = align(xBytes) + align(batchSize * height * dataset.y.BYTES_PER_ELEMENT);
  const chunk = Math.min(batches, maxChunk, Math.ceil(chunkBytes / batchBytes));
  const memory = allocate(slotCount * chunk * batchBytes);
  const batchAt = (offset: number): Batch => ({
    rows: batchSize,
    x: like(dataset.x, memory, offset, batchSize * width),
    y: like(dataset.y, memory, offset + align(xBytes), batchSize * height),
  });
  const slots = Array.from({ length: slotCount }, (_, slot) =>
    Array.from({ length: chunk }, (_, i) => batchAt((slot * chunk + i) * batchBytes)),
  );
  return {
    slots,
    control: new Int32Array(new SharedArrayBuffer(Object.keys(words).length * Int32Array.BYTES_PER_ELEMENT)),
  };
}

/** Wakes the thread that waits for `word`. */
export function announce(control: Int32Array, word: 'calls' | 'answers'): void {
  Atomics.add(control, words[word], 1);
  Atomics.notify(control, words[word]);
}

/** The batch's first `rows` rows. */
export function firstRows(batch: Batch, rows: number): Batch {
  const part = <T extends Batch['x' | 'y']>(values: T) => values.subarray(0, (values.length / batch.rows) * rows) as T;
  return rows === batch.rows ? batch : { rows, x: part(batch.x), y: part(batch.y) };
}
