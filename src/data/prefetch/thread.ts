/** The thread that puts batches together ahead of their use, epoch after epoch until another order is wanted. */
import { workerData } from 'node:worker_threads';
import { orderOf, type Gathered, type Order } from '../gather.js';
import { announce, fillBatches, words, type Ring } from './ring.js';

/** What the thread is given. All large arrays lie in shared memory. */
export interface ThreadData {
  dataset: Gathered;
  order: Order;
  batchSize: number;
  batches: number;
  ring: Ring;
}

const { dataset, order, batchSize, batches, ring } = workerData as ThreadData;
const { slots, control } = ring;
const chunk = slots[0].length;
const read = (word: keyof typeof words): number => Atomics.load(control, words[word]);

/** Waits until `isTrue`; the user's thread calls at every change. */
function waitUntil(isTrue: () => boolean): void {
  for (;;) {
    const calls = read('calls');
    if (isTrue()) return;
    Atomics.wait(control, words.calls, calls);
  }
}

/** Puts batches together until another order is wanted. */
function make(wanted: number): void {
  let made = 0;
  for (let epoch = read('epoch'), start = read('start'); ; epoch++, start = 0) {
    const rows = orderOf(order, epoch);
    for (let first = start; first < batches; first += chunk) {
      // The slot that was used last still stands, for the batch before the present one.
      waitUntil(() => made - read('used') < slots.length - 1 || read('wanted') !== wanted);
      if (read('wanted') !== wanted) return;
      fillBatches(slots[made % slots.length], { dataset, rows, batchSize }, first, Math.min(first + chunk, batches));
      Atomics.store(control, words.made, ++made);
      announce(control, 'answers');
    }
  }
}

for (let making = 0; ;) {
  waitUntil(() => read('wanted') !== making);
  making = read('wanted');
  Atomics.store(control, words.made, 0);
  Atomics.store(control, words.making, making);
  make(making);
}
