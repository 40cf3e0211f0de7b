/**
 * Frames that wait to be stored, in the order in which they came: in memory, and in a file what is more than a limit,
 * so that a server that is away for long costs a worker disk and no memory.
 */
import { closeSync, mkdirSync, openSync, readSync, rmdirSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { newToken } from '../redis/keys.js';

/** Bytes of frames that are taken, or written to the file, at a time; one frame may be larger. */
const chunkBytes = 1_000_000;
/** Bytes of frames that wait in memory; the chunk that is being filled comes on top. */
const defaultMemoryBytes = 16 * 1024 * 1024;

/** Consecutive frames, in memory or at a place of the file. */
type Chunk = { frames: string[]; bytes: number } | { at: number; bytes: number };

/** One attempt's frames. It reads and writes its file synchronously: chunks are small, and nothing trains here. */
export class FrameQueue {
  readonly #folder: string;
  readonly #limits: { memoryBytes: number; chunkBytes: number };
  readonly #chunks: Chunk[] = [];
  /** The chunk that is being filled. */
  #last: { frames: string[]; bytes: number } = { frames: [], bytes: 0 };
  #memoryBytes = 0;
  #file: number | null = null;
  #fileBytes = 0;

  /** `folder`: on the disk that may be filled; it need not be there, and is made for a moment where memory is not enough. */
  constructor(folder: string, limits: { memoryBytes?: number; chunkBytes?: number } = {}) {
    this.#folder = folder;
    this.#limits = { memoryBytes: defaultMemoryBytes, chunkBytes, ...limits };
  }

  /** Whether nothing waits. */
  get empty(): boolean {
    return this.#chunks.length === 0 && this.#last.frames.length === 0;
  }

  /** Bytes of the file: 0 while all frames that wait are in memory. */
  get fileBytes(): number {
    return this.#fileBytes;
  }

  /**
   * Adds a frame, a line of JSON.
   * @throws where the disk takes no more; nothing that waits is lost by it, this frame included.
   */
  push(frame: string): void {
    this.#last.frames.push(frame);
    this.#last.bytes += Buffer.byteLength(frame) + 1;
    if (this.#last.bytes >= this.#limits.chunkBytes) this.#seal();
  }

  /** Takes the oldest frames, about a chunk of them; none where nothing waits. */
  take(): string[] {
    const chunk = this.#chunks.shift();
    if (!chunk) {
      const { frames } = this.#last;
      this.#last = { frames: [], bytes: 0 };
      return frames;
    }
    if ('frames' in chunk) {
      this.#memoryBytes -= chunk.bytes;
      return chunk.frames;
    }
    const frames = this.#read(chunk);
    if (!this.#chunks.some((each) => 'at' in each)) this.#removeFile();
    return frames;
  }

  /** Forgets what waits. */
  clear(): void {
    this.#chunks.length = 0;
    this.#last = { frames: [], bytes: 0 };
    this.#memoryBytes = 0;
    this.#removeFile();
  }

  #seal(): void {
    const chunk = this.#last;
    const fits = this.#memoryBytes + chunk.bytes <= this.#limits.memoryBytes;
    this.#chunks.push(fits ? chunk : this.#write(chunk.frames));
    if (fits) this.#memoryBytes += chunk.bytes;
    this.#last = { frames: [], bytes: 0 };
  }

  #write(frames: string[]): Chunk {
    const file = (this.#file ??= openUnnamed(this.#folder));
    const text = Buffer.from(frames.join('\n'));
    const at = this.#fileBytes;
    for (let done = 0; done < text.length;) done += writeSync(file, text, done, text.length - done, at + done);
    this.#fileBytes += text.length;
    return { at, bytes: text.length };
  }

  #read({ at, bytes }: Extract<Chunk, { at: number }>): string[] {
    const text = Buffer.alloc(bytes);
    for (let done = 0; done < bytes;) {
      const read = readSync(this.#file!, text, done, bytes - done, at + done);
      if (read === 0) throw new Error(`The file of waiting frames ends at ${at + done}, within a chunk.`);
      done += read;
    }
    return text.toString().split('\n');
  }

  #removeFile(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    this.#fileBytes = 0;
  }
}

/** A file without a name: it is gone when it is closed, however its process ends. */
function openUnnamed(folder: string): number {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, newToken());
  const file = openSync(path, 'wx+');
  unlinkSync(path);
  rmdirSync(folder);
  return file;
}
