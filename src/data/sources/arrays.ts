/** Uploaded arrays, read into memory. */
import { recoded } from '../../errors.js';
import { allocate } from '../../numbers/memory.js';
import { product } from '../../numbers/nested.js';
import { Npz } from '../files/npz.js';
import type { MemoryDataset } from '../types.js';
import { describeStored, type UploadedSpec } from './uploaded.js';

/** Rows of x and y of one file. */
interface Rows {
  x: Float32Array | Uint8Array;
  y: Int32Array | Float32Array;
}

/**
 * Reads x and y; rows of a second file that validates come after those of the first.
 * @throws OnecycleError `bad_data` where a file is not what it was when the job was posted
 */
export async function loadArrays({ stored }: UploadedSpec, files: readonly string[]): Promise<MemoryDataset> {
  const parts: Rows[] = [];
  for (const file of files) parts.push(await readRows(file, stored.predicts.kind === 'classes'));
  const whole = parts.length === 1 ? parts[0] : joined(parts);
  const info = describeStored(stored);
  return { ...info, rows: whole.x.length / product(stored.x_shape), ...whole };
}

async function readRows(file: string, classes: boolean): Promise<Rows> {
  let npz: Npz | undefined;
  try {
    npz = await Npz.open(file);
    const [xHeader, yHeader] = [await npz.header('x'), await npz.header('y')];
    const bytes = /u1$/.test(xHeader.dtype);
    const x = bytes
      ? new Uint8Array(allocate(xHeader.count), 0, xHeader.count)
      : new Float32Array(allocate(4 * xHeader.count), 0, xHeader.count);
    const y = classes ? new Int32Array(yHeader.count) : new Float32Array(yHeader.count);
    await npz.readInto('x', xHeader, x);
    await npz.readInto('y', yHeader, y);
    return { x, y };
  } catch (cause) {
    throw recoded(cause, 'invalid_dataset', 'bad_data');
  } finally {
    npz?.close();
  }
}

function joined(parts: readonly Rows[]): Rows {
  const length = (of: keyof Rows) => parts.reduce((sum, part) => sum + part[of].length, 0);
  const bytes = parts.every(({ x }) => x instanceof Uint8Array);
  const count = length('x');
  const x = bytes ? new Uint8Array(allocate(count), 0, count) : new Float32Array(allocate(4 * count), 0, count);
  const y = parts[0].y instanceof Int32Array ? new Int32Array(length('y')) : new Float32Array(length('y'));
  let [xAt, yAt] = [0, 0];
  for (const part of parts) {
    x.set(part.x, xAt);
    y.set(part.y, yAt);
    xAt += part.x.length;
    yAt += part.y.length;
  }
  return { x, y };
}
