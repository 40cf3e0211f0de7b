/** Artifacts in a folder of the local disk. */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, copyFile, link, mkdir, open, readFile, rename, rm, stat, statfs, unlink } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { OnecycleError } from '../errors.js';
import { asDiskFull } from './disk-full.js';
import type { PutOptions, Space, Storage } from './storage.js';
import { hasCode, LocalFolders, namesIn } from './work-folders.js';

/**
 * Keeps artifacts as files of one folder; a rename puts each in place whole. What was put is on disk: a record that
 * names it may be as well.
 */
export class FolderStorage extends LocalFolders implements Storage {
  get address(): string {
    return this.root;
  }

  /** The first thing that is stored makes the folder. */
  async check(): Promise<void> {
    try {
      await mkdir(this.root, { recursive: true });
      await access(this.root, constants.R_OK | constants.W_OK);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new OnecycleError('storage_unavailable', `Nothing can be stored in ${this.root}: ${why}.`, [], {
        cause: error,
      });
    }
  }

  async put(name: string, content: Uint8Array | { file: string }, { once = false }: PutOptions = {}): Promise<void> {
    try {
      await this.#put(name, content, once);
    } catch (error) {
      throw asDiskFull(error);
    }
  }

  async #put(name: string, content: Uint8Array | { file: string }, once: boolean): Promise<void> {
    const target = this.#at(name);
    const created = await mkdir(dirname(target), { recursive: true });
    const place = once ? placeOnce : rename;
    if ('file' in content) await this.#take(content.file, target, place);
    else await this.#write(content, target, place);
    await syncNames(dirname(target), created === undefined ? dirname(target) : dirname(created));
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
    return there(this.#at(name));
  }

  path(name: string): Promise<string> {
    return Promise.resolve(this.#at(name));
  }

  list(name: string): Promise<string[]> {
    return namesIn(this.#at(name));
  }

  async remove(name: string): Promise<void> {
    await rm(this.#at(name), { recursive: true, force: true });
  }

  async space(): Promise<Space> {
    await mkdir(this.root, { recursive: true });
    const { bavail, blocks, bsize } = await statfs(this.root);
    return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
  }

  async #write(content: Uint8Array, target: string, place: Place): Promise<void> {
    await this.#whole(target, place, async (temporary) => {
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
  async #take(file: string, target: string, place: Place): Promise<void> {
    try {
      await sync(file);
      await place(file, target);
    } catch (error) {
      if (!hasCode(error, 'EXDEV')) throw error;
      await this.#whole(target, place, async (temporary) => {
        await copyFile(file, temporary, constants.COPYFILE_EXCL);
        await sync(temporary);
      });
      await rm(file);
    }
  }

  async #whole(target: string, place: Place, write: (temporary: string) => Promise<void>): Promise<void> {
    await mkdir(this.unfinished, { recursive: true });
    const temporary = join(this.unfinished, randomUUID());
    try {
      await write(temporary);
      await place(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  #at(name: string): string {
    const path = resolve(this.root, name);
    if (!path.startsWith(this.root + sep)) throw new RangeError(`'${name}' is outside of the storage folder.`);
    return path;
  }
}

const there = async (path: string): Promise<boolean> => (await stat(path).catch(() => null)) !== null;

/** Puts a whole file in its place. */
type Place = (file: string, target: string) => Promise<void>;

/** Leaves what is there. The same bytes may be: of a try whose answer was lost. */
async function placeOnce(file: string, target: string): Promise<void> {
  try {
    await link(file, target);
  } catch (error) {
    // Some file systems have no links.
    if (['EPERM', 'ENOTSUP', 'ENOSYS'].some((code) => hasCode(error, code)) && !(await there(target)))
      return rename(file, target);
    if (!(await there(target))) throw error;
    if (!(await readFile(target)).equals(await readFile(file)))
      throw new OnecycleError('conflict', `There is another ${target} already.`);
  }
  await unlink(file);
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
  const above = folder === last ? undefined : syncNames(dirname(folder), last);
  await Promise.all([sync(folder), above]);
}
