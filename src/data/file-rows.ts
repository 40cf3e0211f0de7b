/**
 * Rows that lie in a file, one after another, and are read by position: a table that is larger than memory. Node can't
 * map a file into memory; what is read again comes from the operating system's page cache all the same.
 */
import { open as openFile, rename, rm, stat } from 'node:fs/promises';
import { openSync, readSync } from 'node:fs';
import { OnecycleError } from '../errors.js';
import type { MadeRows, RowMaker, RowValues } from './types.js';

/** A file of rows: numbers as they lie in memory, without a head. */
export interface RowsFile {
  path: string;
  dtype: MadeRows['dtype'];
  /** Numbers a row. */
  width: number;
  /** Where the first row begins, in bytes. Default 0. */
  offset?: number;
}

/**
 * Writes rows to a file, part by part: whole or not at all. Returns how many there are.
 * @param width numbers a row; every part has whole rows
 * @throws what the file system throws; Error where a part has no whole rows
 */
export async function writeRows(
  path: string,
  width: number,
  parts: Iterable<RowValues> | AsyncIterable<RowValues>,
): Promise<number> {
  const temporary = `${path}.part`;
  const file = await openFile(temporary, 'w');
  let rows = 0;
  try {
    for await (const part of parts) {
      if (part.length % width !== 0) throw new Error(`A part of ${part.length} numbers has no rows of ${width}`);
      await file.writeFile(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
      rows += part.length / width;
    }
    await file.close();
    await rename(temporary, path);
    return rows;
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * The rows of a file, for a data set of `rows` rows.
 * @throws OnecycleError `bad_data` where the file has not so many
 */
export async function fileRows(file: RowsFile, rows: number): Promise<MadeRows> {
  const { size } = await stat(file.path);
  const bytes = (file.offset ?? 0) + rows * rowBytes(file);
  if (size < bytes) throw new OnecycleError('bad_data', `The file of rows has ${size} bytes, not ${bytes}`);
  return { dtype: file.dtype, module: import.meta.url, options: file };
}

const rowBytes = ({ dtype, width }: RowsFile): number => width * (dtype === 'float32' ? 4 : 1);

/** Opens a file of rows on a loader's thread. */
export function open(file: RowsFile): RowMaker {
  const { path, offset = 0 } = file;
  const handle = openSync(path, 'r');
  const bytes = rowBytes(file);
  return {
    fill(rows, _at, into) {
      const target = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
      for (let i = 0; i < rows.length;) {
        const run = runLength(rows, i);
        readFully(handle, target.subarray(i * bytes, (i + run) * bytes), offset + rows[i] * bytes);
        i += run;
      }
    },
  };
}

/** How many consecutive rows stand at index `from`: they are read at once. */
function runLength(rows: Int32Array, from: number): number {
  let length = 1;
  while (from + length < rows.length && rows[from + length] === rows[from] + length) length++;
  return length;
}

/** One read may bring less than was asked for. */
function readFully(handle: number, into: Uint8Array, position: number): void {
  for (let done = 0; done < into.length;) {
    const read = readSync(handle, into, done, into.length - done, position + done);
    if (read === 0) throw new OnecycleError('bad_data', 'The file of rows has become shorter');
    done += read;
  }
}
