/** What a worker and its children take of the machine, for its heartbeat. */
import { availableParallelism, totalmem } from 'node:os';
import type { WorkerUsage } from '../../src/jobs/record.js';
import { processLoad } from '../process-load.js';
import { GpuLoad } from './gpu-load.js';
import { type Load, LoadMeter, total } from './load-meter.js';

/** What the children said last: the trainers that run jobs, and all others. */
export interface ChildLoads {
  trainers: Load[];
  others: Load[];
}

/** Asks for it, and costs next to nothing: children tell of themselves, a card is looked at every ten seconds. */
export function usageOf(device: string, children: () => ChildLoads): () => WorkerUsage {
  const own = new LoadMeter();
  const gpu = device === 'cpu' ? null : new GpuLoad(device);
  const machine = { cpus: availableParallelism(), memory_total_bytes: totalmem() };
  return () => {
    own.hear(processLoad());
    const { trainers, others } = children();
    return {
      ...total([own.load, ...others, ...trainers]),
      ...machine,
      trainer: trainers.length > 0 ? total(trainers) : null,
      gpu: gpu?.load ?? null,
    };
  };
}
