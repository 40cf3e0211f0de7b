import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import { OnecycleError } from '../errors.js';

/**
 * A lock that was not refreshed for this long is left over from a process that was killed. Its holder refreshes it
 * every second.
 */
const staleMs = 5000;

/**
 * Takes a data folder for this process. Valkey does not lock it itself, and two on one append-only file would ruin it.
 * A lock left over is taken over once it is stale; where it is refreshed meanwhile, throws `data_folder_in_use`.
 * @param onLost is called if another process took the lock, which can be only if this one stood still for seconds.
 * @returns what gives the folder back.
 */
export async function lockFolder(folder: string, onLost: (error: Error) => void): Promise<() => Promise<void>> {
  const lockfilePath = `${folder}/lock`;
  const before = modified(lockfilePath);
  for (;;) {
    try {
      return await lockfile.lock(folder, { lockfilePath, stale: staleMs, update: 1000, onCompromised: onLost });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
      if (modified(lockfilePath) !== before) {
        throw new OnecycleError(
          'data_folder_in_use',
          `Another onecycle is using the data folder ${folder}. ` +
            'Stop it, or set ONECYCLE_DATA_DIR to another folder.',
          [],
          { cause: error },
        );
      }
      await sleep(100);
    }
  }
}

const modified = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.mtimeMs;
