import { stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { openPromise, type Entry as ZipEntry } from 'yauzl';
import { OnecycleError } from '../../../errors.js';
import { invalidFile, messageOf } from '../problems.js';
import { Budget, invalidEntry, limits, type Entry } from './limits.js';

const [typeMask, regularFile] = [0o170000, 0o100000];

/** The files of a zip. @throws OnecycleError `invalid_dataset` */
export async function* zipEntries(file: string): AsyncGenerator<Entry> {
  const budget = new Budget((await stat(file)).size);
  try {
    const zip = await openPromise(file, { lazyEntries: true, strictFileNames: true });
    if (zip.entryCount > limits.entries) {
      zip.close();
      throw invalidFile('', `The archive has more than ${limits.entries} entries`);
    }
    for await (const entry of zip.eachEntry()) {
      const { fileName: name, uncompressedSize: bytes } = entry;
      budget.take(name, bytes, entry.compressedSize);
      if (name.endsWith('/')) continue;
      refuse(entry);
      yield { name, bytes, read: async () => read(name, async () => buffer(await zip.openReadStreamPromise(entry))) };
    }
  } catch (error) {
    if (error instanceof OnecycleError) throw error;
    throw invalidFile('', `The zip cannot be read; it may be truncated or damaged: ${messageOf(error)}`, error);
  }
}

function refuse(entry: ZipEntry): void {
  const type = (entry.externalFileAttributes >>> 16) & typeMask;
  if (type !== 0 && type !== regularFile)
    throw invalidEntry(entry.fileName, 'is a link or a device: only regular files are accepted');
  if ((entry.generalPurposeBitFlag & 1) !== 0)
    throw invalidEntry(entry.fileName, 'is encrypted: decrypt the archive first');
}

async function read(name: string, bytes: () => Promise<Buffer>): Promise<Buffer> {
  try {
    return await bytes();
  } catch (error) {
    throw invalidEntry(name, `cannot be unpacked; the archive may be damaged: ${messageOf(error)}`, error);
  }
}
