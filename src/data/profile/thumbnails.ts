/** Small pictures of those in a profile's preview. */
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { entriesOf, invalidEntry, type ArchiveFormat } from '../files/archive/index.js';
import { messageOf } from '../files/problems.js';
import type { Profile } from './schema.js';

const side = 128;

/**
 * Decodes the pictures of the preview.
 * @returns paths of the files, in the order of the preview
 * @throws OnecycleError `invalid_dataset` where one cannot be decoded
 */
export async function makeThumbnails(file: string, { preview, format }: Profile, out: string): Promise<string[]> {
  const places = new Map(preview.map((row, n) => [String(row.file), n]));
  const paths = preview.map((_, n) => join(out, `thumbnail-${n}.webp`));
  let left = places.size;
  for await (const entry of entriesOf(file, format as ArchiveFormat)) {
    const n = places.get(entry.name);
    if (n === undefined) continue;
    await writeFile(paths[n], await shrink(entry.name, await entry.read()));
    if (--left === 0) break;
  }
  return paths;
}

async function shrink(name: string, content: Uint8Array): Promise<Buffer> {
  try {
    return await sharp(content)
      .rotate()
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .webp()
      .toBuffer();
  } catch (error) {
    throw invalidEntry(name, `is a picture that cannot be decoded: ${messageOf(error)}`, error);
  }
}
