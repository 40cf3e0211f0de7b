/** Zip archives of models, read in place: nothing is unpacked to a disk, so that no name can lead anywhere. */
import { crc32 } from 'node:zlib';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { OnecycleError } from '../../errors.js';
import { unreadable } from './unreadable.js';

/** What an archive may hold: more is made to take memory or time. */
const limits = { entries: 20_000, ratio: 200, bytes: 8 * 2 ** 30 };

/** An archive, open until `close`. */
export interface Archive {
  /** Names of its files, by path. */
  readonly names: readonly string[];
  /** Size of a file in bytes; undefined where there is no such file. */
  size(name: string): number | undefined;
  /** A whole file. @throws OnecycleError `invalid_model` where it is missing, larger than `most` bytes, or damaged */
  read(name: string, most: number): Promise<Buffer>;
  close(): void;
}

/** @throws OnecycleError `invalid_model` where it is no archive, or one that is made to do harm */
export async function openArchive(path: string): Promise<Archive> {
  const zip = await openPromise(path, { autoClose: false }).catch((error: unknown) => {
    throw damaged(error);
  });
  try {
    const entries = await entriesOf(zip).catch((error: unknown) => {
      throw error instanceof OnecycleError ? error : damaged(error);
    });
    return {
      names: [...entries.keys()],
      size: (name) => entries.get(name)?.uncompressedSize,
      read: (name, most) => readEntry(zip, entries.get(name), name, most),
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

const damaged = (error: unknown) =>
  unreadable(`it is a damaged zip archive: ${error instanceof Error ? error.message : String(error)}`);

async function entriesOf(zip: ZipFile): Promise<Map<string, Entry>> {
  if (zip.entryCount > limits.entries) throw unreadable(`it has more than ${limits.entries} files`);
  const entries = new Map<string, Entry>();
  let total = 0;
  for await (const entry of zip.eachEntry()) {
    const { fileName, compressedSize, uncompressedSize } = entry;
    if ((total += uncompressedSize) > limits.bytes) throw unreadable('its files together are too large');
    if (uncompressedSize > 2 ** 20 && uncompressedSize > limits.ratio * compressedSize)
      throw unreadable(`${fileName} is compressed more than ${limits.ratio} times`);
    if (entries.has(fileName)) throw unreadable(`it has two files named ${fileName}`);
    if (!fileName.endsWith('/')) entries.set(fileName, entry);
  }
  return entries;
}

async function readEntry(zip: ZipFile, entry: Entry | undefined, name: string, most: number): Promise<Buffer> {
  if (entry === undefined) throw unreadable(`it has no file ${name}`);
  if (entry.uncompressedSize > most) throw unreadable(`${name} is larger than ${most} bytes`);
  const parts: Buffer[] = [];
  try {
    // yauzl refuses a file that unpacks to another size than it says.
    for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Buffer);
  } catch (error) {
    throw damaged(error);
  }
  const bytes = Buffer.concat(parts);
  if (crc32(bytes) !== entry.crc32) throw unreadable(`${name} is damaged: its checksum does not match`);
  return bytes;
}
