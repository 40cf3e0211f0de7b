/** Folders on this machine for what is not stored yet, whatever the storage is. */
import { mkdir, readdir, rm, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { OnecycleError } from '../errors.js';
import { asDiskFull } from './disk-full.js';

/** With less room than this nothing more than a marker could be stored. */
const leastBytes = 64 * 1024;

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
    const folder = this.workPlace(name);
    if (!(await make(folder))) {
      await rm(folder, { recursive: true, force: true });
      await make(folder);
    }
    return folder;
  }

  workPlace(name: string): string {
    return join(this.unfinished, name);
  }

  async keptFolder(name: string): Promise<string> {
    const folder = join(this.root, 'unfinished', name);
    await make(folder);
    return folder;
  }

  workFolders(): Promise<string[]> {
    return namesIn(this.unfinished);
  }

  /** As storage.ts has it: what is stored elsewhere begins here, too. */
  async checkRoom(): Promise<void> {
    // The folder may not be there yet, and a link to another disk.
    const { bavail, bsize } = await statfs(this.root).catch(() => statfs(dirname(this.root)));
    if (bavail * bsize >= leastBytes) return;
    throw new OnecycleError('disk_full', `The disk of ${this.root} has ${bavail * bsize} bytes left.`);
  }

  async removeWorkFolder(name: string): Promise<void> {
    await rm(this.workPlace(name), { recursive: true, force: true });
  }
}

/** Makes a folder, and those above it; false where it was there. */
async function make(folder: string): Promise<boolean> {
  const first = await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw asDiskFull(error);
  });
  return first !== undefined;
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
