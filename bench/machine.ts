import { cpus, totalmem } from 'node:os';
import { tensorflowVersion } from '../src/engine/native/install/installed.js';
import { threads } from './contender.js';
import { pinned } from './python.js';

/** Where and with what it was measured. */
export interface Machine {
  cpu: string;
  cores: number;
  memory_bytes: number;
  platform: string;
  node: string;
  tensorflow: string;
  python_packages: string[];
  threads: number;
  date: string;
}

/** This machine, and the versions of what is measured. */
export const describeMachine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memory_bytes: totalmem(),
  platform: `${process.platform} ${process.arch}`,
  node: process.version,
  tensorflow: tensorflowVersion,
  python_packages: pinned(),
  threads,
  date: new Date().toISOString().slice(0, 10),
});

/** The machine in a line. */
export const machineText = ({
  cpu,
  cores,
  memory_bytes,
  platform,
  node,
  tensorflow,
  python_packages,
  date,
  threads: count,
}: Machine): string =>
  `${date}: ${cpu}, ${cores} cores, ${Math.round(memory_bytes / 2 ** 30)} GiB, ${platform}. ` +
  `Node ${node}, TensorFlow ${tensorflow}, ${python_packages.join(', ')}; ${count} threads each.`;
