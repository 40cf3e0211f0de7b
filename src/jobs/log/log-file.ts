/**
 * A stored log: one file that is read by range. A header; chunks, each some frames as lines, gzip; the index, which
 * says where each chunk begins. All numbers are doubles, little endian.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Storage } from '../../storage/storage.js';
import { parseFrame, type Frame, type StoredFrame } from '../frames.js';
import { storedFrame } from './entries.js';

/** How the file begins; another format begins otherwise. */
const magic = 'oclog-1\n';
/** `magic`, the number of frames, the number of chunks, where the index begins. */
const headerBytes = 32;
/** Of an entry of the index: its first frame, its first byte, and the iteration that comes next there. */
const entryBytes = 24;
/** Bytes of frames in a chunk; one frame may be larger. */
const defaultChunkBytes = 256 * 1024;

const [zip, gunzipped] = [promisify(gzip), promisify(gunzip)];

/** More than a chunk has, unless it is damaged. */
const mostUnpackedAtOnce = 4 * 1024 * 1024;

/** A chunk's text, unpacked at once: its last bytes say how long it is, and zlib would do 16 kB at a time otherwise. */
async function unzip(chunk: Buffer): Promise<string> {
  const bytes = chunk.readUInt32LE(chunk.length - 4);
  return (await gunzipped(chunk, { chunkSize: Math.min(Math.max(64, bytes + 1), mostUnpackedAtOnce) })).toString();
}

/** Where a chunk begins, or where the last one ends. */
interface Place {
  seq: number;
  offset: number;
  /** The one that comes next: what is before has none from it on, or a rewind takes it back. */
  iteration: number;
}

/** Writes a log, whose frames come in order and without their numbers, and returns how many there were. */
export async function writeLogFile(
  path: string,
  pages: AsyncIterable<readonly string[]>,
  chunkBytes = defaultChunkBytes,
): Promise<number> {
  const file = await open(path, 'wx');
  try {
    return await new LogFileWriter(file, chunkBytes).write(pages);
  } finally {
    await file.close();
  }
}

class LogFileWriter {
  readonly #file: FileHandle;
  readonly #chunkBytes: number;
  readonly #places: Place[] = [];
  #end: Place = { seq: 0, offset: headerBytes, iteration: 0 };
  #lines: string[] = [];
  #lineBytes = 0;

  constructor(file: FileHandle, chunkBytes: number) {
    this.#file = file;
    this.#chunkBytes = chunkBytes;
  }

  async write(pages: AsyncIterable<readonly string[]>): Promise<number> {
    for await (const page of pages)
      for (const line of page) {
        this.#lines.push(line);
        this.#lineBytes += Buffer.byteLength(line);
        if (this.#lineBytes >= this.#chunkBytes) await this.#chunk();
      }
    if (this.#lines.length > 0) await this.#chunk();
    const { offset, seq } = this.#end;
    const index = [...this.#places, this.#end].flatMap((place) => [place.seq, place.offset, place.iteration]);
    await this.#put(doubles(index), offset);
    await this.#put(Buffer.concat([Buffer.from(magic), doubles([seq, this.#places.length, offset])]), 0);
    // Redis will forget the log.
    await this.#file.sync();
    return seq;
  }

  async #chunk(): Promise<void> {
    const lines = this.#lines;
    const bytes = await zip(lines.join('\n'));
    const { seq, offset, iteration } = this.#end;
    const frames = lines.map((line, i) => parseFrame(storedFrame(seq + i, line)));
    await this.#put(bytes, offset);
    this.#places.push(this.#end);
    this.#end = {
      seq: seq + lines.length,
      offset: offset + bytes.length,
      iteration: frames.reduce(nextIteration, iteration),
    };
    this.#lines = [];
    this.#lineBytes = 0;
  }

  async #put(bytes: Buffer, at: number): Promise<void> {
    for (let done = 0; done < bytes.length;)
      done += (await this.#file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }
}

/** The iteration that comes after a frame, if one came next before it. */
function nextIteration(next: number, frame: Frame): number {
  if (frame.type === 'rewind') return frame.iteration;
  return frame.type === 'batches' ? (frame.iteration.at(-1) ?? next - 1) + 1 : next;
}

/** A stored log, to be read from any place on. */
export class LogFile {
  readonly #storage: Storage;
  readonly #name: string;
  readonly #places: readonly Place[];

  private constructor(storage: Storage, name: string, places: readonly Place[]) {
    this.#storage = storage;
    this.#name = name;
    this.#places = places;
  }

  /** Reads the index; null where there is no such file, or one of another format. */
  static async open(storage: Storage, name: string): Promise<LogFile | null> {
    if (!(await storage.exists(name))) return null;
    const header = await readRange(storage, name, 0, headerBytes);
    if (header.toString('latin1', 0, magic.length) !== magic) return null;
    const [, chunks, start] = numbers(header.subarray(magic.length));
    const index = numbers(await readRange(storage, name, start, start + (chunks + 1) * entryBytes));
    const places = Array.from({ length: chunks + 1 }, (_, i) => {
      const [seq, offset, iteration] = index.slice(3 * i, 3 * i + 3);
      return { seq, offset, iteration };
    });
    return new LogFile(storage, name, places);
  }

  /** How many frames it has. */
  get frames(): number {
    return this.#places.at(-1)!.seq;
  }

  /** How many chunks it has. */
  get chunks(): number {
    return this.#places.length - 1;
  }

  /** The chunk that a frame is in. */
  chunkOf(seq: number): number {
    return this.#places.findLastIndex((place) => place.seq <= seq);
  }

  /** All frames of a chunk. */
  readChunk(chunk: number): Promise<StoredFrame[]> {
    const { seq } = this.#places[chunk];
    return this.read(seq, this.#places[chunk + 1].seq - seq);
  }

  /** Up to `count` frames from number `from` on. Reads the chunks that they are in. */
  async read(from: number, count: number): Promise<StoredFrame[]> {
    const to = Math.min(from + count, this.frames);
    if (from >= to) return [];
    const first = this.#places.findLastIndex(({ seq }) => seq <= from);
    const end = this.#places.findIndex(({ seq }) => seq >= to);
    const start = this.#places[first];
    const bytes = await readRange(this.#storage, this.#name, start.offset, this.#places[end].offset);
    const lines: string[] = [];
    for (let i = first; i < end; i++) {
      const [begins, ends] = [this.#places[i].offset - start.offset, this.#places[i + 1].offset - start.offset];
      lines.push(...(await unzip(bytes.subarray(begins, ends))).split('\n'));
    }
    return lines.slice(from - start.seq, to - start.seq).map((line, i) => storedFrame(from + i, line));
  }

  /** A frame's number, as late as the index can tell: all that the log has of an iteration or later ones follows. */
  before(iteration: number): number {
    return this.#places.slice(0, -1).findLast((place) => place.iteration <= iteration)?.seq ?? 0;
  }
}

function doubles(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  values.forEach((value, i) => bytes.writeDoubleLE(value, 8 * i));
  return bytes;
}

const numbers = (bytes: Buffer): number[] =>
  Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(8 * i));

/** An artifact's bytes from `start` up to `end`, as far as there are some. */
const readRange = async (storage: Storage, name: string, start: number, end: number): Promise<Buffer> =>
  buffer(await storage.stream(name, { start, end }));
