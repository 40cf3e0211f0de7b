/** The rows that a script names, as a job's request and the files that it needs. */
import { stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { folderEntries } from '../data/files/archive/folder.js';
import { checkPictures, listEntries, type Listing } from '../data/files/pictures.js';
import type { CsvOptions } from '../data/files/reading.js';
import type { DatasetRequest, UploadedRequest } from '../data/index.js';
import { invalidSpec, OnecycleError } from '../errors.js';
import type { JobRequest } from '../request/body.js';
import { sha256 } from '../request/hash.js';
import type { Upload } from '../request/uploads/index.js';
import { datasetId } from '../request/uploads/record.js';
import { isObject } from '../schema/json.js';
import type { SpecFiles } from './learner-from-spec.js';

/** The values of a row: a number, or lists of numbers in one another. */
export type Row = number | ArrayLike<number> | readonly Row[];

/** Rows in memory: `x` rows first, `y` one per row; integers are classes, other numbers values. */
export interface RowsInMemory {
  x: readonly Row[] | ArrayLike<number>;
  y: readonly (number | readonly number[])[] | ArrayLike<number>;
}

/**
 * A file (CSV, JSON Lines, Parquet, Arrow, npy, npz, an archive of pictures) or a folder of pictures; beside it what a
 * job says of an uploaded data set.
 */
export interface DataFile extends Omit<UploadedRequest, 'id'> {
  path: string;
  /** How a CSV is to be read, where that is not clear. */
  csv?: CsvOptions;
}

/** A built-in data set by its name, rows, a file or a folder, or a data set as a job's request has it. */
export type DataOption = string | RowsInMemory | DataFile | Exclude<DatasetRequest, { id: string }>;

/** Where rows come from, as a request has it, and what is known of their files. */
export interface NamedData {
  dataset: JobRequest['dataset'];
  uploads: ReadonlyMap<string, Upload>;
  files: Pick<SpecFiles, 'uploads'>;
  inline?: { x: unknown; y: unknown };
}

/** What the pointers into the request's data set are in a script's. */
export function dataPointer(data: DataOption, pointer: string): string {
  if (!pointer.startsWith('/dataset')) return pointer;
  const inner = pointer.slice('/dataset'.length);
  if (typeof data === 'string') return '/data';
  if ('path' in data) return `/data${inner.replace(/^\/id/, '/path')}`;
  return 'x' in data ? `/data${inner.replace(/^\/inline/, '')}` : `/data${inner}`;
}

/**
 * @param scratch a folder for what is found out of the files
 * @throws OnecycleError `invalid_spec`, `invalid_dataset` for a file that cannot be used
 */
export async function nameData(data: DataOption, scratch: string): Promise<NamedData> {
  const none = { uploads: new Map<string, Upload>(), files: {} };
  if (typeof data === 'string') return { dataset: { builtin: data } as DatasetRequest, ...none }; // checked as JSON
  if (!isObject(data)) throw invalidSpec('/data', `must be ${forms}`);
  if ('path' in data) return nameFile(data, scratch);
  if (!sources.some((source) => source in data)) throw invalidSpec('/data', `must be ${forms}`);
  if (!('x' in data) && !('y' in data)) return { dataset: data as DatasetRequest, ...none }; // checked as JSON
  const { x, y, ...more } = data as unknown as RowsInMemory;
  const inline = { x: asLists(x), y: asLists(y), ...more };
  return { dataset: { inline } as DatasetRequest, inline, ...none }; // `parseInline` checks it
}

/** The fields that tell what `data` is. */
const sources = ['x', 'y', 'builtin', 'inline', 'random', 'synthetic'];

/** What `data` may be, in words. */
export const forms =
  "the name of a built-in data set ('digits'), rows {x, y}, a file or a folder of pictures {path}, or a data set as a " +
  'job has it';

/** Typed arrays as lists, one level down too. */
export function asLists(value: unknown): unknown {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as Float32Array);
  return Array.isArray(value) && value.some((row) => ArrayBuffer.isView(row)) ? value.map(asLists) : value;
}

/** A script need not be TypeScript. */
type Unchecked = Omit<DataFile, 'path'> & { path: unknown };

async function nameFile({ path, csv, ...roles }: Unchecked, scratch: string): Promise<NamedData> {
  if (typeof path !== 'string') throw invalidSpec('/data/path', 'must be the path of a file or a folder');
  const file = resolve(path);
  const status = await stat(file).catch(() => null);
  if (status === null) throw invalidSpec('/data/path', `must be a file or a folder; there is no ${file}`);
  const { upload, listing } = await lookInto(file, status.isDirectory(), csv);
  const listingFile = listing && join(scratch, 'listing.json');
  if (listingFile !== null) await writeFile(listingFile, JSON.stringify(listing));
  return {
    dataset: { id: upload.id, ...roles },
    uploads: new Map([[upload.id, upload]]),
    files: {
      uploads: [{ file, ...(listingFile !== null && { listing: listingFile, unpacked: join(scratch, 'pictures') }) }],
    },
  };
}

async function lookInto(
  file: string,
  folder: boolean,
  csv: CsvOptions | undefined,
): Promise<{ upload: Upload; listing: Listing | null }> {
  try {
    return folder ? await lookIntoFolder(file) : await lookIntoFile(file, csv);
  } catch (error) {
    if (!(error instanceof OnecycleError)) throw error;
    throw new OnecycleError(error.code, `${file}: ${error.message}`, error.problems, { cause: error });
  }
}

async function lookIntoFile(file: string, csv?: CsvOptions): Promise<{ upload: Upload; listing: Listing | null }> {
  const { profileFile } = await import('../data/profile/profile.js');
  const { profile, listing } = await profileFile(file, csv);
  // It only names the file in the spec, which no other process reads.
  const content = sha256(file);
  return { upload: { id: datasetId(content), sha256: content, profile, listing }, listing };
}

/** Of the pictures of a folder their names and sizes stand for their content. */
async function lookIntoFolder(folder: string): Promise<{ upload: Upload; listing: Listing }> {
  const { pictures, tables } = await listEntries(folderEntries(folder));
  const listing: Listing = { pictures, tables };
  checkPictures(listing);
  const content = sha256(JSON.stringify([folder, listing]));
  const profile = { kind: 'images' as const, rows: listing.pictures.length };
  return { upload: { id: datasetId(content), sha256: content, profile, listing }, listing };
}
