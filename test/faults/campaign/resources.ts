/** Memory and open files of the API's process and of workers: the most that was seen of each. */
import { heldBy, type Held } from './processes.js';
import type { World } from './world.js';

const roles = ['service', 'worker'] as const;
type Role = (typeof roles)[number];

/** How much more than in the uninterrupted runs a process may hold: frames that wait (16 MiB) as text, and garbage. */
export const growthLimit: Held = { memoryBytes: 128 * 1024 * 1024, files: 16 };

/** The most of each, over all looks. */
export class Resources {
  readonly most: Record<Role, Held> = {
    service: { memoryBytes: 0, files: 0 },
    worker: { memoryBytes: 0, files: 0 },
  };

  /** Looks at the processes that run now. */
  look(world: World): void {
    for (const role of roles)
      for (const { pid } of world.running(role)) {
        const held = heldBy(pid);
        const most = this.most[role];
        if (held === null) continue;
        most.memoryBytes = Math.max(most.memoryBytes, held.memoryBytes);
        most.files = Math.max(most.files, held.files);
      }
  }

  /** What grew beyond the limit, compared with another time. */
  problemsBeside(before: Resources): string[] {
    return roles.flatMap((role) =>
      (['memoryBytes', 'files'] as const).flatMap((what) => {
        const [was, is] = [before.most[role][what], this.most[role][what]];
        return is > was + growthLimit[what] ? [`${what} of a ${role} grew from ${was} to ${is}`] : [];
      }),
    );
  }
}
