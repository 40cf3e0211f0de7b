import { join } from 'node:path';
import { FolderStorage } from './folder.js';
import type { Storage } from './storage.js';

export { asDiskFull } from './disk-full.js';
export { FolderStorage, type Storage };

/** Reads ranges of an artifact's bytes, whole: from `start` up to `end`, which is left out. */
export const rangeOf =
  (storage: Storage, name: string) =>
  async (start: number, end: number): Promise<Buffer> =>
    Buffer.concat((await (await storage.stream(name, { start, end })).toArray()) as Buffer[]);

/** The storage of a service whose data are in this folder. */
export const dataStorage = (dataDir: string): Storage => new FolderStorage(join(dataDir, 'artifacts'));
