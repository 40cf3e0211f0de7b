/** What is found out of an archive of pictures. */
import type { ArchiveFormat } from '../files/archive/index.js';
import { folderOf } from '../files/labels.js';
import { checkPictures, listArchive, type Listing, type Picture } from '../files/pictures.js';
import type { Profile } from './schema.js';

/** Pictures in the preview: spread over all, so that every class is likely among them. */
const previewPictures = 24;

/** Reads all of it once. The listing is kept beside the profile. @throws OnecycleError `invalid_dataset` */
export async function profileImages(
  file: string,
  format: ArchiveFormat,
): Promise<{ profile: Profile; listing: Listing }> {
  const { others, ...listing } = await listArchive(file, format);
  checkPictures(listing);
  const { pictures, tables } = listing;
  const folders = new Map<string, number>();
  for (const { name } of pictures) {
    const folder = folderOf(name);
    if (folder !== null) folders.set(folder, (folders.get(folder) ?? 0) + 1);
  }
  const notes = Object.entries(tables).map(
    ([name, columns]) => `${name} can be used for labels; it has the columns ${Object.keys(columns).join(', ')}.`,
  );
  if (others.length > 0)
    notes.push(`${others.length} of its files are not pictures and were left out, such as ${others[0]}.`);
  return {
    listing,
    profile: {
      kind: 'images',
      format,
      rows: pictures.length,
      classes: [...folders].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, rows]) => ({ name, rows })),
      notes,
      preview: spread(pictures).map(({ name, width, height }) => ({ file: name, width, height })),
    },
  };
}

function spread(pictures: readonly Picture[]): Picture[] {
  const count = Math.min(pictures.length, previewPictures);
  return Array.from({ length: count }, (_, n) => pictures[Math.floor((n * pictures.length) / count)]);
}
