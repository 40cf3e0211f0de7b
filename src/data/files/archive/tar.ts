import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { OnecycleError } from '../../../errors.js';
import { invalidFile, messageOf } from '../problems.js';
import { Budget, invalidEntry, type Entry } from './limits.js';

/** The files of a tar, packed by gzip or not. @throws OnecycleError `invalid_dataset` */
export async function* tarEntries(file: string, gzip: boolean): AsyncGenerator<Entry> {
  const budget = new Budget((await stat(file)).size);
  const tar = extract();
  const source = createReadStream(file, { highWaterMark: 2 ** 20 });
  // What goes wrong on the way, its reader hears from the tar.
  const piped = gzip ? pipeline(source, createGunzip(), tar) : pipeline(source, tar);
  piped.catch((error: unknown) => tar.destroy(error instanceof Error ? error : undefined));
  try {
    for await (const entry of tar) {
      const { name: written, size: bytes, type } = entry.header;
      const name = written.replace(/^(\.\/)+/, '');
      budget.take(name, bytes, null);
      if (type !== 'directory') {
        if (type !== 'file' && type !== 'contiguous-file')
          throw invalidEntry(name, `is a ${type}: only regular files are accepted`);
        yield { name, bytes, read: () => buffer(entry) };
      }
      entry.resume();
    }
    await piped;
  } catch (error) {
    if (error instanceof OnecycleError) throw error;
    throw invalidFile('', `The tar cannot be read; it may be truncated or damaged: ${messageOf(error)}`, error);
  } finally {
    source.destroy();
  }
}
