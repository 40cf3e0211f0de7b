/** Blocks of numbers that wait to be read again: in memory, and in a file where they are more than a limit. */
import { randomUUID } from 'node:crypto';
import { open, rm, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { asDiskFull, type Storage } from '../../storage/index.js';

/** Bytes of blocks that stay in memory. */
const defaultMemoryBytes = 2 * 1024 * 1024;

/** Numbers, or where they are in the file. */
export type Block = Float64Array | { at: number; length: number };

/** The blocks of one reader. Its file has no name: it is gone with the process at the latest. */
export class Spill {
  readonly #storage: Storage;
  readonly #memoryBytes: number;
  #file: FileHandle | null = null;
  #bytes = 0;

  constructor(storage: Storage, memoryBytes = defaultMemoryBytes) {
    this.#storage = storage;
    this.#memoryBytes = memoryBytes;
  }

  /** Whether so many bytes are too many for memory. */
  isTooMuch(bytes: number): boolean {
    return bytes > this.#memoryBytes;
  }

  /** Writes a block to the file. @throws OnecycleError `disk_full` */
  async write(block: Float64Array): Promise<Block> {
    try {
      this.#file ??= await openUnnamed(this.#storage);
      const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
      const at = this.#bytes;
      for (let done = 0; done < bytes.length;)
        done += (await this.#file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
      this.#bytes += bytes.length;
      return { at, length: block.length };
    } catch (error) {
      throw asDiskFull(error);
    }
  }

  /** The numbers of a block. */
  async read(block: Block): Promise<Float64Array> {
    if (block instanceof Float64Array) return block;
    const numbers = new Float64Array(block.length);
    const bytes = Buffer.from(numbers.buffer);
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await this.#file!.read(bytes, done, bytes.length - done, block.at + done);
      if (bytesRead === 0) throw new Error(`The file of curves ends at ${block.at + done}, within a block.`);
      done += bytesRead;
    }
    return numbers;
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
  }
}

async function openUnnamed(storage: Storage): Promise<FileHandle> {
  const folder = await storage.workFolder(`curves-${randomUUID()}`);
  try {
    const path = join(folder, 'numbers');
    const file = await open(path, 'wx+');
    await unlink(path);
    return file;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
