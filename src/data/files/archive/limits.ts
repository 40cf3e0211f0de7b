/** What an archive may be made of, so that none escapes its folder and none explodes. */
import { validateFileName } from 'yauzl';
import { child } from '../../../schema/json.js';
import { invalidFile } from '../problems.js';

/** In one archive. */
export const limits = {
  entries: 1_000_000,
  /** Of one file in it; a picture is far smaller. */
  entryBytes: 256 * 2 ** 20,
  /** Of all files in it. */
  totalBytes: 64 * 2 ** 30,
  /** Unpacked by packed, of what is not small. Pictures are packed already; text may come to 20. */
  ratio: 200,
  ratioFromBytes: 2 ** 20,
} as const;

/** A file of an archive, to be read while it is the current one. */
export interface Entry {
  /** Its path in the archive, with `/`. */
  name: string;
  bytes: number;
  read(): Promise<Uint8Array>;
}

/** The error for an entry. */
export const invalidEntry = (name: string, why: string, cause?: unknown): Error =>
  invalidFile(
    child('/entries', name.slice(0, 200)),
    `${JSON.stringify(name.slice(0, 200))} in the archive ${why}`,
    cause,
  );

/** Counts what an archive gives, and stops it where it gives too much. */
export class Budget {
  #entries = 0;
  #total = 0;

  constructor(private readonly archiveBytes: number) {}

  /** @throws OnecycleError `invalid_dataset` */
  take(name: string, bytes: number, packed: number | null): void {
    const wrong = validateFileName(name);
    if (wrong !== null) throw invalidEntry(name, `has a path outside of it: ${wrong}`);
    if (++this.#entries > limits.entries) throw invalidFile('', `The archive has more than ${limits.entries} entries`);
    if (bytes > limits.entryBytes)
      throw invalidEntry(name, `is larger than ${limits.entryBytes / 2 ** 20} MiB unpacked`);
    this.#total += bytes;
    if (this.#total > limits.totalBytes)
      throw invalidFile('', `The archive is larger than ${limits.totalBytes / 2 ** 30} GiB unpacked`);
    if (packed !== null && isBomb(bytes, packed))
      throw invalidEntry(name, `grows more than ${limits.ratio} times when it is unpacked`);
    if (isBomb(this.#total, this.archiveBytes))
      throw invalidFile('', `The archive grows more than ${limits.ratio} times when it is unpacked`);
  }
}

const isBomb = (unpacked: number, packed: number): boolean =>
  unpacked > limits.ratioFromBytes && unpacked > limits.ratio * packed;
