import { join } from 'node:path';
import { FolderStorage } from './folder.js';
import type { Storage } from './storage.js';

export { asDiskFull } from './disk-full.js';
export { FolderStorage, type Storage };

/** The storage of a service whose data are in this folder. */
export const dataStorage = (dataDir: string): Storage => new FolderStorage(join(dataDir, 'artifacts'));
