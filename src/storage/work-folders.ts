/** Folders on this machine for what is not stored yet, whatever the storage is. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { asDiskFull } from './disk-full.js';

/** Those below one folder. */
export class LocalFolders {
  protected readonly root: string;
  /** On the same disk as `root`, so that a rename puts in place what was made here. */
  protected readonly unfinished: string;

  constructor(folder: string) {
    this.root = resolve(folder);
    this.unfinished = join(this.root, 'tmp');
  }

  async workFolder(name: string): Promise<string> {
    const folder = join(this.unfinished, name);
    await rm(folder, { recursive: true, force: true });
    return made(folder);
  }

  keptFolder(name: string): Promise<string> {
    return made(join(this.root, 'unfinished', name));
  }

  workFolders(): Promise<string[]> {
    return namesIn(this.unfinished);
  }

  async removeWorkFolder(name: string): Promise<void> {
    await rm(join(this.unfinished, name), { recursive: true, force: true });
  }
}

async function made(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw asDiskFull(error);
  });
  return folder;
}

/** The names in a folder; none where there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Whether the system says this of a file. */
export const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
