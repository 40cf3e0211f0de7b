import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Whether a process is the server of that socket and still runs. Its command line must name the socket, as Valkey's and
 * Redis's do, since a process id that was written down may be another process's by now. What has ended and waits for
 * its parent has no command line.
 */
export const isServer = (pid: number, socket: string): boolean => commandLine(pid).includes(socket);

function commandLine(pid: number): string {
  try {
    return process.platform === 'linux'
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      : execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        });
  } catch {
    return ''; // no such process
  }
}

/** Waits until the server is gone. Returns false if it is still there after `limitMs`. */
export async function isGone(pid: number, socket: string, limitMs: number): Promise<boolean> {
  const end = Date.now() + limitMs;
  while (isServer(pid, socket)) {
    if (Date.now() > end) return false;
    await sleep(20);
  }
  return true;
}

/** Sends it a signal, if it is still that server. */
export function kill(pid: number, socket: string, signal: NodeJS.Signals): void {
  try {
    if (isServer(pid, socket)) process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
