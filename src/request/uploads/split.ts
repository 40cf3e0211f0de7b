/** Splits that the data say: who trains and who validates is counted when the job is posted. */
import { invalidSpec, OnecycleError } from '../../errors.js';
import { labelPictures } from '../../data/files/labels.js';
import { takenAlike, type UploadedRequest, type UploadedSpec } from '../../data/sources/uploaded.js';
import {
  grandparent,
  isListed,
  validates,
  type ColumnSplit,
  type FilesSplit,
  type FolderSplit,
} from '../../data/split/by-data.js';
import type { Split, SplitByData } from '../../data/split/index.js';
import { keptValues } from '../../data/profile/column.js';
import type { ResolvedDataset, ResolvedUpload } from '../resolved-dataset.js';
import { resolveUpload } from './index.js';
import type { Upload, Uploads } from './upload.js';

interface Sizes {
  train: number;
  valid: number;
}

/**
 * The split as a job's record has it.
 * @throws OnecycleError `invalid_spec`, its pointers from the body's root
 */
export function resolveSplitByData(split: SplitByData, dataset: ResolvedDataset, uploads: Uploads): Split {
  if (!('stored' in dataset.spec))
    throw invalidSpec('/split', 'must be random or by train_rows: other splits need an uploaded data set');
  const { spec } = dataset;
  const upload = uploads.get(spec.id)!;
  if ('dataset' in split) return withSecond(split.dataset, spec, uploads);
  const resolved =
    'column' in split
      ? { ...split, sizes: byColumn(split, upload) }
      : 'files' in split
        ? { ...split, sizes: byFiles(split, spec, upload) }
        : { ...split, sizes: byFolder(split, spec, upload) };
  if (resolved.sizes.train === 0) throw invalidSpec('/split', 'must leave training rows: all rows are for validation');
  return resolved;
}

function byColumn(split: ColumnSplit, { profile }: Upload): Sizes {
  const columns = profile.columns ?? [];
  const column = columns.find(({ name }) => name === split.column);
  if (!column)
    throw invalidSpec(
      '/split/column',
      `must be a column of the data set: ${columns.map(({ name }) => name).join(', ') || 'it is not a table'}`,
    );
  if (!column.values)
    throw invalidSpec('/split/column', `must have at most ${keptValues} values, such as True and False`);
  const strange = column.values.find(({ name }) => validates(name, split) === undefined);
  if (strange)
    throw invalidSpec(
      '/split/column',
      `must be true or false (1 or 0) in every row, or \`on\` must name the values for validation; there is ${JSON.stringify(strange.name)}`,
    );
  const valid = column.values.reduce((sum, { name, rows }) => sum + (validates(name, split) === true ? rows : 0), 0);
  if (valid === 0)
    throw invalidSpec(split.on ? '/split/on' : '/split/column', 'must select validation rows: there are none');
  return { train: profile.rows - valid, valid };
}

/** The paths of the pictures that have a label. */
function namesOf({ label }: UploadedSpec, { listing }: Upload): string[] {
  if (!listing || !label) throw invalidSpec('/split', 'needs pictures: this data set has none');
  return [...labelPictures(listing, label).pictures].map((picture) => listing.pictures[picture].name);
}

function byFiles({ files }: FilesSplit, spec: UploadedSpec, upload: Upload): Sizes {
  const names = namesOf(spec, upload);
  const listed = new Set(files);
  const valid = names.filter((name) => isListed(listed, name)).length;
  const there = new Set(names.flatMap((name) => [name, name.slice(name.lastIndexOf('/') + 1)]));
  const unknown = files.findIndex((file) => !there.has(file));
  if (unknown >= 0)
    throw invalidSpec(
      `/split/files/${unknown}`,
      `must be a picture of the data set, not ${JSON.stringify(files[unknown])}`,
    );
  return { train: names.length - valid, valid };
}

function byFolder({ folder }: FolderSplit, spec: UploadedSpec, upload: Upload): Sizes {
  const names = namesOf(spec, upload);
  const count = (wanted: string) => names.filter((name) => grandparent(name) === wanted).length;
  const found = { train: count(folder.train), valid: count(folder.valid) };
  const folders = [...new Set(names.map(grandparent))].filter((name) => name !== '').slice(0, 20);
  for (const side of ['train', 'valid'] as const)
    if (found[side] === 0)
      throw invalidSpec(
        `/split/folder/${side}`,
        `must be a folder above the class folders (train/cat/1.jpg): ${folders.join(', ') || 'there is none'}`,
      );
  return found;
}

/** The second data set's rows come after the first's. */
function withSecond(id: string, first: UploadedSpec, uploads: Uploads): Split {
  const upload = uploads.get(id);
  if (!upload) throw invalidSpec('/split/dataset', `there is no data set ${id}`);
  const { task, stored } = first;
  if (upload.profile.kind !== stored.kind)
    throw invalidSpec('/split/dataset', `must also be ${stored.kind}, not ${upload.profile.kind}`);
  const request = { id, ...takenAlike(first), ...(stored.kind !== 'images' && { task }) };
  const second = resolveSecond(request, upload);
  const other = second.spec.stored;
  if (JSON.stringify(other.x_shape) !== JSON.stringify(stored.x_shape) && stored.kind !== 'table')
    throw invalidSpec('/split/dataset', `must have rows of the same shape, [${stored.x_shape.join(', ')}]`);
  const unknown = other.classes?.find((name) => stored.classes?.includes(name) === false);
  if (unknown !== undefined)
    throw invalidSpec('/split/dataset', `has the class ${JSON.stringify(unknown)}, which no training row has`);
  return {
    dataset: id,
    sizes: { train: stored.rows, valid: other.rows },
    stored: { sha256: other.sha256, rows: other.rows, ...(other.reading && { reading: other.reading }) },
  };
}

/** What is wrong with the second data set is said of the split. */
function resolveSecond(request: UploadedRequest, upload: Upload): ResolvedUpload {
  try {
    return resolveUpload(request, upload, { kind: undefined, split: undefined, pixels: null });
  } catch (error) {
    if (!(error instanceof OnecycleError)) throw error;
    throw invalidSpec('/split/dataset', `must fit the first data set: ${error.problems[0].detail}`);
  }
}
