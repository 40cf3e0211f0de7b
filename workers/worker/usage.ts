/** What a worker and its children take of the machine, for its heartbeat. */
import { availableParallelism, totalmem } from 'node:os';
import type { WorkerUsage } from '../../src/jobs/record.js';
import { processLoad } from '../process-load.js';
import { GpuLoad } from './gpu-load.js';
import { type Load, LoadMeter, total } from './load-meter.js';

/** What the children said last: that of the trainer that runs a job (null where none does), and those of all others. */
export interface ChildLoads {
  trainer: Load | null;
  others: Load[];
}

/** Asks for it, and costs next to nothing: children tell of themselves, a card is looked at every ten seconds. */
export function usageOf(device: string, children: () => ChildLoads): () => WorkerUsage {
  const own = new LoadMeter();
  const gpu = device === 'cpu' ? null : new GpuLoad(device);
  const machine = { cpus: availableParallelism(), memory_total_bytes: totalmem() };
  return () => {
    own.hear(processLoad());
    const { trainer, others } = children();
    return {
      ...total([own.load, ...others, ...(trainer ? [trainer] : [])]),
      ...machine,
      trainer,
      gpu: gpu?.load ?? null,
    };
  };
}
