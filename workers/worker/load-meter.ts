import type { ProcessLoad } from '../process-load.js';

/** What a process takes: cores that it keeps busy, and bytes in memory. */
export interface Load {
  cpu: number;
  memory_bytes: number;
}

/** Makes a share of the processor out of what a process says from time to time. */
export class LoadMeter {
  #last: { cpu_ms: number; nowMs: number } | null = null;
  /** Between the last two times that it was heard; nothing before. */
  load: Load = { cpu: 0, memory_bytes: 0 };

  hear({ cpu_ms, memory_bytes }: ProcessLoad, nowMs = performance.now()): void {
    const last = this.#last;
    const cpu = last && nowMs > last.nowMs ? (cpu_ms - last.cpu_ms) / (nowMs - last.nowMs) : this.load.cpu;
    this.#last = { cpu_ms, nowMs };
    this.load = { cpu: Math.round(cpu * 1000) / 1000, memory_bytes };
  }
}

/** Of several processes together. */
export const total = (loads: readonly Load[]): Load => ({
  cpu: Math.round(loads.reduce((sum, { cpu }) => sum + cpu, 0) * 1000) / 1000,
  memory_bytes: loads.reduce((sum, { memory_bytes }) => sum + memory_bytes, 0),
});
