export { FolderStorage } from './folder.js';
export type { Storage } from './storage.js';
