import { cpus, totalmem } from 'node:os';
import { tensorflowVersion } from '../src/engine/native/install/installed.js';
import { device, threads } from './contender.js';
import { pinned } from './python.js';

/** Where it was measured. */
export interface Hardware {
  cpu: string;
  cores: number;
  memory_bytes: number;
  platform: string;
  node: string;
  tensorflow: string;
  date: string;
}

/** Where and with what the sides were measured. */
export interface Machine extends Hardware {
  python_packages: string[];
  threads: number;
  device?: ReturnType<typeof device>;
}

/** This machine, and what onecycle runs on. */
export const describeHardware = (): Hardware => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memory_bytes: totalmem(),
  platform: `${process.platform} ${process.arch}`,
  node: process.version,
  tensorflow: tensorflowVersion,
  date: new Date().toISOString().slice(0, 10),
});

/** This machine, and the versions of what is measured. */
export const describeMachine = (): Machine => ({
  ...describeHardware(),
  python_packages: pinned(),
  threads,
  device: device(),
});

const machineWords = ({ cpu, cores, memory_bytes, platform, node, tensorflow, date }: Hardware): string =>
  `${date}: ${cpu}, ${cores} cores, ${Math.round(memory_bytes / 2 ** 30)} GiB, ${platform}. ` +
  `Node ${node}, TensorFlow ${tensorflow}`;

/** The hardware in a line. */
export const hardwareText = (hardware: Hardware): string => `${machineWords(hardware)}.`;

/** The machine in a line. */
export const machineText = (machine: Machine): string =>
  `${machineWords(machine)}, ${machine.python_packages.join(', ')}; ` +
  `${machine.threads} threads each${machine.device === 'cuda' ? ', on the GPU' : ''}.`;
