/** The pictures of an archive as files of this machine. */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OnecycleError } from '../../errors.js';
import { entriesOf, type ArchiveFormat } from './archive/index.js';
import type { Listing } from './pictures.js';

/** The path of a picture in a folder of `extractPictures`; `index` is that of the listing. */
export const picturePath = (folder: string, index: number): string =>
  join(folder, String(Math.floor(index / 1000)), String(index));

/**
 * Unpacks an archive's pictures to a folder, unless it is there: whoever comes second, at the same moment too, finds it
 * whole. `picturePath` says what lies where; names are numbers, so that none in an archive matters.
 * @throws OnecycleError `bad_data` where the archive is not what it was when it was uploaded
 */
export async function extractPictures(
  file: string,
  format: ArchiveFormat,
  { pictures }: Listing,
  folder: string,
): Promise<void> {
  if (await exists(folder)) return;
  const unfinished = `${folder}.${randomUUID()}`;
  try {
    await unpack(file, format, pictures, unfinished);
    await rename(unfinished, folder).catch(async (error: unknown) => {
      // Another one has put it there meanwhile.
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function unpack(file: string, format: ArchiveFormat, pictures: Listing['pictures'], to: string): Promise<void> {
  const places = new Map(pictures.map(({ name }, i) => [name, i]));
  const folders = Math.ceil(pictures.length / 1000);
  for (let i = 0; i < folders; i++) await mkdir(join(to, String(i)), { recursive: true });
  for await (const entry of entriesOf(file, format)) {
    const at = places.get(entry.name);
    if (at === undefined) continue;
    await writeFile(picturePath(to, at), await entry.read());
    places.delete(entry.name);
  }
  for (const missing of places.keys())
    throw new OnecycleError('bad_data', `The picture ${missing} is missing from the archive`);
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
