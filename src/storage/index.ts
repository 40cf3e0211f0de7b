import { join } from 'node:path';
import type { StorageSettings } from '../config.js';
import { FolderStorage } from './folder.js';
import type { Storage } from './storage.js';

export { asDiskFull } from './disk-full.js';
export { isAway, PatientStorage } from './patient.js';
export { FolderStorage, type Storage };

/** Reads ranges of an artifact's bytes, whole: from `start` up to `end`, which is left out. */
export const rangeOf =
  (storage: Storage, name: string) =>
  async (start: number, end: number): Promise<Buffer> =>
    Buffer.concat((await (await storage.stream(name, { start, end })).toArray()) as Buffer[]);

/** The storage of a service whose data are in this folder. */
export const dataStorage = (dataDir: string): Storage => new FolderStorage(join(dataDir, 'artifacts'));

/** The storage that the configuration names: S3, or the data folder, which has this machine's own files in any case. */
export async function openStorage(dataDir: string, settings: StorageSettings): Promise<Storage> {
  if (settings.url === null) return dataStorage(dataDir);
  const { S3Storage } = await import('./s3/index.js');
  return new S3Storage(join(dataDir, 'artifacts'), settings.url, settings);
}
