import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise, type Entry } from 'yauzl';
import { wheelName } from './wheel.js';
import type { OnProgress } from './progress.js';

/**
 * Unpacks the members of a wheel (a zip file) that `wanted` names into `folder`. Throws where there is none.
 * Names that would lead out of the folder are refused by yauzl.
 */
export async function unpack(
  wheel: string,
  folder: string,
  wanted: (member: string) => boolean,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<void> {
  const zip = await openPromise(wheel, { autoClose: false });
  try {
    const entries: Entry[] = [];
    for await (const entry of zip.eachEntry()) {
      if (!entry.fileName.endsWith('/') && wanted(entry.fileName)) entries.push(entry);
    }
    if (entries.length === 0) throw new Error(`${basename(wheel)} does not contain the expected files`);

    const total = entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
    let done = 0;
    const count = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        done += chunk.length;
        onProgress({ step: 'unpack', what: wheelName(wheel), done, total });
        yield chunk;
      }
    };
    for (const entry of entries) {
      const path = join(folder, entry.fileName);
      await mkdir(dirname(path), { recursive: true });
      await pipeline(await zip.openReadStreamPromise(entry), count, createWriteStream(path, { mode: mode(entry) }), {
        signal,
      });
    }
  } finally {
    zip.close();
  }
}

/** A zip keeps a file's Unix mode in the upper half of its external attributes. */
const mode = ({ externalFileAttributes }: Entry): number => ((externalFileAttributes >>> 16) & 0o111 ? 0o755 : 0o644);
