/** The processes of a campaign's service, found in /proc by its data folder: those without a parent too. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { socketPath } from '../../../src/valkey/socket.js';

/** What a process does. */
export type Role = 'service' | 'worker' | 'trainer' | 'valkey' | 'other';

/** A process that runs. */
export interface Running {
  pid: number;
  role: Role;
}

/** What it holds. */
export interface Held {
  memoryBytes: number;
  files: number;
}

const programs: [part: string, role: Role][] = [
  ['worker/main.js', 'worker'],
  ['trainer/main.js', 'trainer'],
  ['onecycle.js', 'service'],
];

/** All of a data folder's processes, in the order of their ids. */
export function processesOf(dataDir: string): Running[] {
  const socket = socketPath(join(dataDir, 'valkey'));
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap((pid) => {
      const command = read(pid, 'cmdline');
      // Valkey writes its title over its environment.
      if (command.includes(socket)) return [{ pid, role: 'valkey' as const }];
      if (!read(pid, 'environ').split('\0').includes(`ONECYCLE_DATA_DIR=${dataDir}`)) return [];
      return [{ pid, role: programs.find(([part]) => command.includes(part))?.[1] ?? 'other' }];
    });
}

/** Memory and open files of a process; null where it is gone. */
export function heldBy(pid: number): Held | null {
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(read(pid, 'status'))?.[1];
  const files = openFiles(pid);
  return resident === undefined || files === null ? null : { memoryBytes: Number(resident) * 1024, files };
}

/**
 * Those of modules left out: a process that starts has some hundred of them open at a time. So are those that are closed
 * while this looks: then they were most likely modules.
 */
function openFiles(pid: number): number | null {
  const folder = `/proc/${pid}/fd`;
  try {
    const targets = readdirSync(folder).map((fd) => target(`${folder}/${fd}`));
    return targets.filter((name) => name !== '' && !/\.(c|m)?js(on)?$/.test(name)).length;
  } catch {
    return null;
  }
}

function target(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return ''; // closed meanwhile
  }
}

/** Sends a signal; nothing happens where the process is gone. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // it is gone
  }
}
