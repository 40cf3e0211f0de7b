/** Artifacts in a folder of the local disk. */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { OnecycleError } from '../errors.js';
import { asDiskFull } from './disk-full.js';
import type { Storage } from './storage.js';

/** With less room than this nothing more than a marker could be stored. */
const leastBytes = 64 * 1024;

/**
 * Keeps artifacts as files of one folder; a rename puts each in place whole. What was put is on disk: a record that
 * names it may be as well.
 */
export class FolderStorage implements Storage {
  readonly #root: string;
  /** On the same disk as the artifacts, so that a rename puts them in place. */
  readonly #unfinished: string;

  constructor(folder: string) {
    this.#root = resolve(folder);
    this.#unfinished = join(this.#root, 'tmp');
  }

  async put(name: string, content: Uint8Array | { file: string }): Promise<void> {
    try {
      await this.#put(name, content);
    } catch (error) {
      throw asDiskFull(error);
    }
  }

  async #put(name: string, content: Uint8Array | { file: string }): Promise<void> {
    const target = this.#at(name);
    const created = await mkdir(dirname(target), { recursive: true });
    if ('file' in content) await this.#take(content.file, target);
    else await this.#write(content, target);
    await syncNames(dirname(target), created === undefined ? dirname(target) : dirname(created));
  }

  async checkRoom(): Promise<void> {
    // The folder may not be there yet, and a link to another disk.
    const { bavail, bsize } = await statfs(this.#root).catch(() => statfs(dirname(this.#root)));
    if (bavail * bsize >= leastBytes) return;
    throw new OnecycleError('disk_full', `The disk of ${this.#root} has ${bavail * bsize} bytes left.`);
  }

  get(name: string): Promise<Buffer> {
    return readFile(this.#at(name));
  }

  async stream(name: string, range?: { start: number; end: number }): Promise<Readable & { readonly size: number }> {
    const file = await open(this.#at(name));
    const { size } = await file.stat();
    return Object.assign(file.createReadStream(range && { start: range.start, end: range.end - 1 }), { size });
  }

  async exists(name: string): Promise<boolean> {
    return (await stat(this.#at(name)).catch(() => null)) !== null;
  }

  path(name: string): Promise<string> {
    return Promise.resolve(this.#at(name));
  }

  async workFolder(name: string): Promise<string> {
    const folder = join(this.#unfinished, name);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw asDiskFull(error);
    });
    return folder;
  }

  async keptFolder(name: string): Promise<string> {
    const folder = join(this.#root, 'unfinished', name);
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw asDiskFull(error);
    });
    return folder;
  }

  workFolders(): Promise<string[]> {
    return namesIn(this.#unfinished);
  }

  async removeWorkFolder(name: string): Promise<void> {
    await rm(join(this.#unfinished, name), { recursive: true, force: true });
  }

  list(name: string): Promise<string[]> {
    return namesIn(this.#at(name));
  }

  async remove(name: string): Promise<void> {
    await rm(this.#at(name), { recursive: true, force: true });
  }

  async #write(content: Uint8Array, target: string): Promise<void> {
    await this.#whole(target, async (temporary) => {
      const file = await open(temporary, 'wx');
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
    });
  }

  /** Moves a file here; from another disk by way of a copy, since only a rename is atomic. */
  async #take(file: string, target: string): Promise<void> {
    try {
      await sync(file);
      await rename(file, target);
    } catch (error) {
      if (!hasCode(error, 'EXDEV')) throw error;
      await this.#whole(target, async (temporary) => {
        await copyFile(file, temporary, constants.COPYFILE_EXCL);
        await sync(temporary);
      });
      await rm(file);
    }
  }

  async #whole(target: string, write: (temporary: string) => Promise<void>): Promise<void> {
    await mkdir(this.#unfinished, { recursive: true });
    const temporary = join(this.#unfinished, randomUUID());
    try {
      await write(temporary);
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  #at(name: string): string {
    const path = resolve(this.#root, name);
    if (!path.startsWith(this.#root + sep)) throw new RangeError(`'${name}' is outside of the storage folder.`);
    return path;
  }
}

/** Flushes a file, or the names in a folder, to disk. */
async function sync(path: string): Promise<void> {
  const opened = await open(path);
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

/** Flushes the names in a folder, and in those above it up to `last`. */
async function syncNames(folder: string, last: string): Promise<void> {
  await sync(folder);
  if (folder !== last) await syncNames(dirname(folder), last);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
