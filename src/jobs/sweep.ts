/**
 * Removes the files of jobs that never came to be: whoever created them ended after their files and before their
 * records.
 */
import type { Storage } from '../storage/storage.js';
import { artifacts } from './artifacts.js';
import type { Client } from './redis/client.js';
import { keys } from './redis/keys.js';

/**
 * A creation that is younger may still go on. One that goes on later than that is refused: `createJobs` sees that it
 * was abandoned.
 */
const creationMs = 10 * 60_000;
const refusedSeconds = 7 * 24 * 3600;

/**
 * Looks at the markers that `createJob` leaves while it works.
 * @returns ids of the jobs whose files were removed.
 */
export async function sweepFiles(redis: Client, storage: Storage, now = Date.now()): Promise<string[]> {
  const removed: string[] = [];
  for (const id of await storage.list(artifacts.creations)) {
    const since = await storage.get(artifacts.creation(id)).then(Number, () => NaN);
    // NaN: its creation has come to its end meanwhile.
    if (!(now - since > creationMs)) continue;
    if (await abandon(redis, id)) {
      await storage.remove(artifacts.folder(id));
      removed.push(id);
    }
    await storage.remove(artifacts.creation(id));
  }
  return removed;
}

/** True where a job was never created, and now never will be. */
export async function abandon(redis: Client, id: string): Promise<boolean> {
  return (await redis.abandonJob(1, keys.record(id), id, refusedSeconds)) === 1;
}
