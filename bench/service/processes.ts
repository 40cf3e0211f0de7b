/** What Linux tells of processes. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** All processes below one. */
export function descendants(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** Its command line, arguments separated by spaces; '' where it is gone. */
export const commandOf = (pid: number): string => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');

/** Its resident memory. */
export const residentBytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;

/** How long it has computed, in clock ticks (of 10 ms). */
export function computedTicks(pid: number): number {
  const [, , ...fields] = read(`/proc/${pid}/stat`)
    .replace(/\(.*\)/, '')
    .split(/\s+/);
  return Number(fields[10]) + Number(fields[11]); // utime and stime
}

/** Lets a process and its threads run on these cores alone: `0`, `1-3`. */
export const pin = (pid: number, cores: string): unknown =>
  execFileSync('taskset', ['-a', '-p', '-c', cores, String(pid)], { stdio: 'pipe' });

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it is gone
  }
}
