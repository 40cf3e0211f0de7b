/** Whether a long run's memory stays as it is. */
import { Contender, type MemoryAt } from './contender.js';
import { megabytes, type Table } from './table.js';
import { longRun } from './workloads.js';

/** Trains the long run, and says what memory was like at some of its steps. */
export async function measureMemory(): Promise<MemoryAt[]> {
  const contender = new Contender('onecycle', '');
  try {
    await contender.do('begin', longRun);
    return (await contender.do('long_run')).memory;
  } finally {
    contender.end();
  }
}

/** A row for each time that memory was looked at. */
export const memoryTable = (results: readonly MemoryAt[]): Table => ({
  title: `Memory over a long run of onecycle, ${longRun.title}`,
  head: ['after steps', 'tensors of TensorFlow.js', 'tensors of the addon', 'resident, MB', "JavaScript's heap, MB"],
  rows: results.map(({ steps, tensors, addon_tensors, resident_bytes, heap_bytes }) => [
    String(steps),
    String(tensors),
    String(addon_tensors),
    megabytes(resident_bytes),
    megabytes(heap_bytes),
  ]),
});
