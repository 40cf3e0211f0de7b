/** What tests need to know about real processes. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessInfo {
  pid: number;
  ppid: number;
  command: string;
}

/** All running processes; a zombie that nobody has reaped yet has ended. */
function processes(): ProcessInfo[] {
  return execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 })
    .split('\n')
    .flatMap((line) => {
      const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line);
      return match && !match[3].startsWith('Z')
        ? [{ pid: Number(match[1]), ppid: Number(match[2]), command: match[4] }]
        : [];
    });
}

/** The processes under `pid`, itself left out. */
export function descendants(pid: number): ProcessInfo[] {
  const all = processes();
  const under = (parent: number): ProcessInfo[] =>
    all.filter(({ ppid }) => ppid === parent).flatMap((child) => [child, ...under(child.pid)]);
  return under(pid);
}

/** Those of `pids` that still run. */
export function alive(pids: readonly number[]): number[] {
  const running = new Set(processes().map(({ pid }) => pid));
  return pids.filter((pid) => running.has(pid));
}

/** Asks until the answer is neither false, null nor undefined. */
export async function until<T>(what: string, ask: () => T | Promise<T>, timeoutMs = 60_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== null && answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await sleep(50);
  }
}
