import { align, allocate, like } from '../../numbers/memory.js';
import { gather, widths, type Gathered } from '../gather.js';
import { dtypeOf, type Batch, type Dataset } from '../types.js';

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

/**
 * The words of a ring's control. `calls` and `answers` only count, to be waited on: they change with every change of
 * the others.
 */
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

/** A ring for `batches` batches an epoch, each of `batchSize` rows. */
export function createRing(dataset: Dataset, batchSize: number, batches: number): Ring {
  return {
    slots: slotsOf(dataset, batchSize, batches),
    control: new Int32Array(new SharedArrayBuffer(Object.keys(words).length * Int32Array.BYTES_PER_ELEMENT)),
  };
}

/** A ring's slots, by place in its chunk: room for whole batches. No chunk is larger than an epoch. */
export function slotsOf(dataset: Dataset, batchSize: number, batches: number): Batch[][] {
  const chunk = Math.min(batches, maxChunk, Math.ceil(chunkBytes / layoutOf(dataset, batchSize).batchBytes));
  const memory = batchesOf(dataset, batchSize, slotCount * chunk);
  return Array.from({ length: slotCount }, (_, slot) => memory.slice(slot * chunk, (slot + 1) * chunk));
}

/** Room for so many batches, one after another, in memory that both threads see. */
export function batchesOf(dataset: Dataset, batchSize: number, count: number): Batch[] {
  const { width, height, xBytes, batchBytes } = layoutOf(dataset, batchSize);
  const x = empty[dtypeOf(dataset.x)];
  const memory = allocate(count * batchBytes);
  return Array.from({ length: count }, (_, i) => ({
    rows: batchSize,
    x: like(x, memory, i * batchBytes, batchSize * width),
    y: like(dataset.y, memory, i * batchBytes + xBytes, batchSize * height),
  }));
}

/** An array of each type that rows can have. */
const empty = { float32: new Float32Array(), uint8: new Uint8Array() };

/** The memory of one batch. */
export const batchBytes = (dataset: Dataset, batchSize: number): number => layoutOf(dataset, batchSize).batchBytes;

function layoutOf(dataset: Dataset, batchSize: number) {
  const [width, height] = widths(dataset);
  const xBytes = align(batchSize * width * empty[dtypeOf(dataset.x)].BYTES_PER_ELEMENT);
  return { width, height, xBytes, batchBytes: xBytes + align(batchSize * height * dataset.y.BYTES_PER_ELEMENT) };
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

/** Puts batches together: those of an order of rows from the `first`th up to `end`, into the first of `batches`. */
export function fillBatches(
  batches: Batch[],
  { dataset, rows, batchSize }: { dataset: Gathered; rows: Int32Array; batchSize: number },
  first: number,
  end: number,
): void {
  for (let i = first; i < end; i++) {
    const part = rows.subarray(i * batchSize, (i + 1) * batchSize);
    gather(dataset, part, firstRows(batches[i - first], part.length));
  }
}
