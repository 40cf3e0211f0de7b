/** Archives of pictures: which they are, and where their labels stand. */
import sharp from 'sharp';
import { entriesOf, invalidEntry, type ArchiveFormat, type Entry } from './archive/index.js';
import { recordsOf } from './csv/records.js';
import { isPicture, maxPixels } from './picture-marks.js';
import { invalidFile, messageOf } from './problems.js';

/** A picture in an archive. */
export interface Picture {
  /** Its path in the archive, with `/`. */
  name: string;
  width: number;
  height: number;
}

/** What an archive of pictures holds: kept beside it. Pictures are in the order of their names. */
export interface Listing {
  pictures: Picture[];
  /** The CSVs in it, by their paths: for labels. Texts by column. */
  tables: Record<string, Record<string, string[]>>;
}

const maxTableBytes = 32 * 2 ** 20;

const pictureName = /\.(jpe?g|png|gif|webp|tiff?|bmp)$/i;
/** What systems leave in archives, and nobody means. */
const isLitter = (name: string): boolean => /(^|\/)(__MACOSX\/|\.|Thumbs\.db$|desktop\.ini$)/.test(name);

/**
 * Lists an archive's pictures by reading each one's header.
 * @throws OnecycleError `invalid_dataset` that names the entry
 */
export const listArchive = (file: string, format: ArchiveFormat): Promise<Listing & { others: string[] }> =>
  listEntries(entriesOf(file, format));

/** The same of files that come in another way. */
export async function listEntries(entries: AsyncIterable<Entry>): Promise<Listing & { others: string[] }> {
  const listing: Listing & { others: string[] } = { pictures: [], tables: {}, others: [] };
  for await (const entry of entries) {
    const { name, bytes } = entry;
    if (isLitter(name)) continue;
    if (/\.(csv|tsv)$/i.test(name) && bytes <= maxTableBytes) listing.tables[name] = tableOf(await entry.read(), name);
    else {
      const picture = await pictureOf(entry);
      if (picture) listing.pictures.push(picture);
      else listing.others.push(name);
    }
  }
  const names = new Set<string>();
  for (const { name } of listing.pictures) {
    if (names.has(name)) throw invalidEntry(name, 'occurs twice');
    names.add(name);
  }
  listing.pictures.sort((a, b) => (a.name < b.name ? -1 : 1));
  return listing;
}

async function pictureOf(entry: Entry): Promise<Picture | null> {
  const { name } = entry;
  const content = await entry.read();
  if (!isPicture(content)) {
    if (pictureName.test(name))
      throw invalidEntry(
        name,
        'is not a picture, although its name says so (JPEG, PNG, GIF, WebP and TIFF are supported)',
      );
    return null;
  }
  const { width, height } = await sizeOf(name, content);
  if (width * height > maxPixels)
    throw invalidEntry(name, `has ${width} × ${height} pixels, more than ${maxPixels}: make it smaller`);
  return { name, width, height };
}

async function sizeOf(name: string, content: Uint8Array): Promise<{ width: number; height: number }> {
  try {
    const { width, height } = await sharp(content, { limitInputPixels: false }).metadata();
    return { width, height };
  } catch (error) {
    throw invalidEntry(name, `is a picture that cannot be read: ${messageOf(error)}`, error);
  }
}

function tableOf(content: Uint8Array, name: string): Record<string, string[]> {
  const text = new TextDecoder().decode(content);
  const [header = [], ...rows] = recordsOf(text, name.toLowerCase().endsWith('.tsv') ? '\t' : ',');
  return Object.fromEntries(header.map((column, i) => [column.trim(), rows.map((row) => row[i] ?? '')]));
}

/** @throws OnecycleError `invalid_dataset` where there is none */
export function checkPictures({ pictures }: Listing): void {
  if (pictures.length === 0)
    throw invalidFile(
      '',
      'The archive has no pictures: put pictures (JPEG, PNG, GIF, WebP, TIFF) in it, in one folder per class',
    );
}
