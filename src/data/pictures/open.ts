/** Uploaded pictures, ready to train on. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OnecycleError, recoded } from '../../errors.js';
import { extractPictures, picturePath } from '../files/extracted.js';
import { labelPictures } from '../files/labels.js';
import type { Listing } from '../files/pictures.js';
import { recognise } from '../files/recognise.js';
import type { ProcessingSpec } from '../processing/index.js';
import type { UploadedFile } from '../sources/source.js';
import type { UploadedSpec } from '../sources/uploaded.js';
import { splitRows, type Split, type SplitRows } from '../split/index.js';
import type { Dataset } from '../types.js';
import { pictureRows } from './rows.js';

/** Labelled pictures of one archive, as files. */
interface Pictures {
  paths: string[];
  names: string[];
  /** The name of the class of each. */
  labels: string[];
}

/**
 * Unpacks archives of pictures, once a machine, finds their labels, and splits them. Those of a second archive, which
 * validate, come after the others. Nothing is decoded before a loader needs it.
 * @throws OnecycleError `bad_data` where an archive is not what it was when the job was posted
 */
export async function openPictures(
  spec: UploadedSpec,
  split: Split,
  uploads: readonly UploadedFile[],
): Promise<SplitRows & { dataset: Dataset; processing: ProcessingSpec }> {
  const { item_tfms = [], batch_tfms = [], stored } = spec;
  const { x_shape, predicts: target, classes: names } = stored;
  const parts: Pictures[] = [];
  for (const upload of uploads) parts.push(await unpacked(spec, upload));
  const all = {
    paths: parts.flatMap(({ paths }) => paths),
    names: parts.flatMap(({ names }) => names),
    labels: parts.flatMap(({ labels }) => labels),
  };
  const indexes = new Map(names?.map((name, i) => [name, i]));
  const y = Int32Array.from(all.labels, (label) => indexes.get(label) ?? -1);
  if (y.includes(-1))
    throw new OnecycleError('bad_data', 'The pictures have different labels than when the job was posted');
  const rows = y.length;
  const transforms = { item_tfms, batch_tfms };
  const x = pictureRows({ paths: all.paths, names: all.names, transforms });
  return {
    dataset: { rows, x_shape, target, x, y },
    processing: { kind: 'pictures', ...transforms, target, names },
    ...splitRows(rows, split, { labels: y, names: all.names }),
  };
}

async function unpack(file: string, listing: Listing, folder: string): Promise<void> {
  const format = await recognise(file);
  if (format !== 'zip' && format !== 'tar' && format !== 'tar.gz')
    throw new OnecycleError('bad_data', 'The file of the pictures is not an archive');
  await extractPictures(file, format, listing, folder);
}

async function unpackedPaths(file: string, listing: Listing, folder: string): Promise<(picture: number) => string> {
  await unpack(file, listing, folder).catch((error: unknown) => {
    throw recoded(error, 'invalid_dataset', 'bad_data');
  });
  return (picture) => picturePath(folder, picture);
}

async function unpacked({ label = { folder: true } }: UploadedSpec, upload: UploadedFile): Promise<Pictures> {
  const { file, listing: listingFile, unpacked: folder = join(dirname(file), 'pictures') } = upload;
  if (listingFile === undefined) throw new OnecycleError('bad_data', 'The list of the pictures is missing');
  const listing = JSON.parse(await readFile(listingFile, 'utf8')) as Listing; // written by ourselves
  const pathOf = (await stat(file)).isDirectory()
    ? (picture: number) => join(file, listing.pictures[picture].name)
    : await unpackedPaths(file, listing, folder);
  const { pictures, labels, classes } = labelPictures(listing, label);
  const chosen = [...pictures];
  return {
    paths: chosen.map(pathOf),
    names: chosen.map((picture) => listing.pictures[picture].name),
    labels: Array.from(labels, (index) => classes[index]),
  };
}
