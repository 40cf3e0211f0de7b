/** Arrays x and y in a `.npz`, NumPy's zip of `.npy` files. */
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { child } from '../../schema/json.js';
import { OnecycleError } from '../../errors.js';
import { inParts } from './bytes.js';
import { decodeInto, headerBytes, readHeader, type NumpyHeader } from './numpy.js';
import { invalidFile, messageOf } from './problems.js';

/** How much is decoded in one go; a multiple of every size of a number. */
const partBytes = 2 ** 20;

/** The arrays of a `.npz`, opened. */
export class Npz {
  private constructor(
    private readonly zip: ZipFile,
    private readonly entries: ReadonlyMap<string, Entry>,
  ) {}

  /** @throws OnecycleError `invalid_dataset` */
  static async open(file: string): Promise<Npz> {
    return readable(async () => {
      const zip = await openPromise(file, { lazyEntries: true, autoClose: false });
      const entries = new Map<string, Entry>();
      try {
        for await (const entry of zip.eachEntry()) entries.set(entry.fileName.replace(/\.npy$/, ''), entry);
      } catch (error) {
        zip.close();
        throw error;
      }
      return new Npz(zip, entries);
    });
  }

  get names(): string[] {
    return [...this.entries.keys()];
  }

  /** @throws OnecycleError `invalid_dataset` */
  async header(name: string): Promise<NumpyHeader> {
    return readable(async () => {
      for await (const part of inParts(await this.#stream(name), headerBytes)) return readHeader(part, name);
      throw invalidFile(child('/arrays', name), `The array ${name} is empty`);
    });
  }

  /** The numbers of an array, in parts. */
  async *numbers(name: string, header: NumpyHeader): AsyncGenerator<Float64Array> {
    for await (const bytes of this.#parts(name, header)) {
      const values = new Float64Array(bytes.length / header.size);
      decodeInto(header, bytes, values, 0);
      yield values;
    }
  }

  /** All numbers of an array. */
  async readInto(name: string, header: NumpyHeader, to: Float32Array | Int32Array | Uint8Array): Promise<void> {
    let at = 0;
    for await (const bytes of this.#parts(name, header)) {
      decodeInto(header, bytes, to, at);
      at += bytes.length / header.size;
    }
  }

  close(): void {
    this.zip.close();
  }

  async *#parts(name: string, { offset, size, count }: NumpyHeader): AsyncGenerator<Uint8Array> {
    let seen = 0;
    const after = withoutFirst(await this.#stream(name), offset);
    for await (const part of inParts(after, partBytes)) {
      const whole = part.subarray(0, Math.min(part.length - (part.length % size), (count - seen) * size));
      seen += whole.length / size;
      if (whole.length > 0) yield whole;
    }
    if (seen < count)
      throw invalidFile(child('/arrays', name), `The array ${name} is truncated: it has ${seen} of ${count} numbers`);
  }

  async #stream(name: string): Promise<AsyncIterable<Uint8Array>> {
    const entry = this.entries.get(name);
    if (entry) return this.zip.openReadStreamPromise(entry);
    throw invalidFile(
      '',
      `The .npz has the arrays ${this.names.join(', ')}; it must have x and y: numpy.savez("file.npz", x=…, y=…)`,
    );
  }
}

async function* withoutFirst(bytes: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const part of bytes) {
    if (left < part.length) yield part.subarray(left);
    left = Math.max(0, left - part.length);
  }
}

async function readable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof OnecycleError) throw error;
    throw invalidFile('', `The .npz cannot be read; it may be truncated or damaged: ${messageOf(error)}`, error);
  }
}
