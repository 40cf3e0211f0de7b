/** What a card does, as NVIDIA's own tool says it: no engine tells. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { WorkerUsage } from '../../src/jobs/record.js';

/** Starting the tool takes some hundredths of a second of a core. */
const everyMs = 10_000;
const limitMs = 5000;
const megabyte = 1024 ** 2;
const run = promisify(execFile);

/** Of one card, asked for now and then. */
export class GpuLoad {
  readonly #index: string;
  #asked = -Infinity;
  #last: WorkerUsage['gpu'] = null;

  /** `device`: `cuda:N`. */
  constructor(device: string) {
    this.#index = indexOf(device);
  }

  /** As it was when last heard of; null where nothing is known. */
  get load(): WorkerUsage['gpu'] {
    if (performance.now() - this.#asked >= everyMs) {
      this.#asked = performance.now();
      void this.#ask();
    }
    return this.#last;
  }

  async #ask(): Promise<void> {
    this.#last = await askedOf(this.#index);
  }
}

/** The memory of a card, `cuda:N`, in bytes; null where nothing is known. */
export const cardMemory = async (device: string): Promise<number | null> =>
  (await askedOf(indexOf(device)))?.memory_total_bytes ?? null;

const indexOf = (device: string): string => device.replace('cuda:', '');

async function askedOf(index: string): Promise<WorkerUsage['gpu']> {
  const query = ['--query-gpu=memory.used,memory.total,utilization.gpu', '--format=csv,noheader,nounits'];
  try {
    const { stdout } = await run('nvidia-smi', ['-i', index, ...query], { timeout: limitMs });
    return gpuLoadOf(stdout);
  } catch {
    return null;
  }
}

/** Reads the tool's line `MIB USED, MIB, PERCENT`; null where it says that it cannot know. */
export function gpuLoadOf(line: string): WorkerUsage['gpu'] {
  const [used, all, percent] = line.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (![used, all].every(Number.isFinite)) return null;
  return {
    memory_bytes: used * megabyte,
    memory_total_bytes: all * megabyte,
    utilization: Number.isFinite(percent) ? percent / 100 : null,
  };
}
