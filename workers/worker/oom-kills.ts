/** How many processes the kernel has killed in this process's cgroup because its memory was full. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The two folders of a machine that tell. */
export interface CgroupPlaces {
  proc: string;
  cgroup: string;
}
const places: CgroupPlaces = { proc: '/proc/self/cgroup', cgroup: '/sys/fs/cgroup' };

/**
 * The count so far; null where the machine does not say: it has no cgroups, or the process is in none. In a container
 * the path that a process is told may be the host's: then what is mounted is the container's own.
 */
export async function oomKills({ proc, cgroup }: CgroupPlaces = places): Promise<number | null> {
  for (const file of candidates(await read(proc), cgroup)) {
    const count = /^oom_kill (\d+)$/m.exec(await read(file))?.[1];
    if (count !== undefined) return Number(count);
  }
  return null;
}

/** Lines are `ID:CONTROLLERS:PATH`. Version 1 names the memory controller; in version 2 there is one without names. */
function candidates(cgroups: string, root: string): string[] {
  const paths = [...cgroups.matchAll(/^\d+:([^:]*):(.*)$/gm)].map(([, controllers = '', path = '']) => ({
    controllers: controllers.split(','),
    path,
  }));
  const v1 = paths.find(({ controllers }) => controllers.includes('memory'));
  if (v1) return [v1.path, '/'].map((path) => join(root, 'memory', path, 'memory.oom_control'));
  const v2 = paths.find(({ controllers }) => controllers[0] === '');
  return v2 ? [v2.path, '/'].map((path) => join(root, path, 'memory.events')) : [];
}

const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
