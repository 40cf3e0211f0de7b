/** What a process takes of its machine. */

/** As a process tells it of itself. */
export interface ProcessLoad {
  /** Processor time that it has used since its start, all threads together. */
  cpu_ms: number;
  /** Of it in memory. */
  memory_bytes: number;
}

/** Of this process. */
export function processLoad(): ProcessLoad {
  const { user, system } = process.cpuUsage();
  return { cpu_ms: (user + system) / 1000, memory_bytes: process.memoryUsage.rss() };
}
