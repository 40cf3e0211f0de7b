/** Artifacts in a folder of the local disk. */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { asDiskFull } from './disk-full.js';
import type { Storage } from './storage.js';

/** Keeps artifacts as files of one folder; a rename puts each in place whole. */
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
    await mkdir(dirname(target), { recursive: true });
    if ('file' in content) return this.#take(content.file, target);
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
    const folder = this.#at(`tmp/${name}`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw asDiskFull(error);
    });
    return folder;
  }

  async list(name: string): Promise<string[]> {
    try {
      return await readdir(this.#at(name));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    await rm(this.#at(name), { recursive: true, force: true });
  }

  /** Moves a file here; from another disk by way of a copy, since only a rename is atomic. */
  async #take(file: string, target: string): Promise<void> {
    try {
      await rename(file, target);
    } catch (error) {
      if (!hasCode(error, 'EXDEV')) throw error;
      await this.#whole(target, (temporary) => copyFile(file, temporary, constants.COPYFILE_EXCL));
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
    if (!path.startsWith(this.#root + sep)) throw new RangeError(`'${name}' leads out of the storage folder.`);
    return path;
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
