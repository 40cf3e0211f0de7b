/** NumPy's arrays: the `.npy` format, versions 1 to 3. */
import { child } from '../../schema/json.js';
import { halfOf } from '../../numbers/half.js';
import { invalidFile } from './problems.js';

/** What a `.npy` file says of its numbers. */
export interface NumpyHeader {
  dtype: string;
  shape: number[];
  /** Where the numbers begin. */
  offset: number;
  /** Bytes a number. */
  size: number;
  /** Numbers in all. */
  count: number;
}

/** Bytes that surely hold a header. */
export const headerBytes = 4096;
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const dtypes = /^([<>|=])?([biuf])([1248])$/;

/** Whether bytes begin as a `.npy` file does. */
export const isNumpy = (bytes: Uint8Array): boolean => magic.every((byte, i) => bytes[i] === byte);

/**
 * Reads the beginning of a file.
 * @param name what the array is called in messages
 * @throws OnecycleError `invalid_dataset` where it is no array of numbers in C order
 */
export function readHeader(bytes: Uint8Array, name: string): NumpyHeader {
  const fail = (why: string) => invalidFile(child('/arrays', name), `The array ${name} ${why}`);
  if (!isNumpy(bytes) || bytes.length < 12) throw fail('is not a .npy file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [start, length] = bytes[6] === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  if (start + length > bytes.length) throw fail('has a header that is too long');
  const text = new TextDecoder('latin1').decode(bytes.subarray(start, start + length));
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const shapeText = /'shape'\s*:\s*\(([^)]*)\)/.exec(text)?.[1];
  const shape = (shapeText ?? '')
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  const found = descr === undefined ? null : dtypes.exec(descr);
  if (descr === undefined || found === null || (found[2] === 'f' && found[3] === '1'))
    throw fail(`has the dtype ${descr ?? 'of records or objects'}: save it as numbers, such as float32 or int64`);
  if (shapeText === undefined || shape.some((axis) => !Number.isSafeInteger(axis) || axis < 0))
    throw fail('has no readable shape');
  if (/'fortran_order'\s*:\s*True/.test(text) && shape.length > 1)
    throw fail('is in Fortran order: save numpy.ascontiguousarray(array) instead');
  const count = shape.reduce((product, axis) => product * axis, 1);
  if (!Number.isSafeInteger(count * 8)) throw fail('is too large');
  return { dtype: descr, shape, offset: start + length, size: Number(found[3]), count };
}

/** Whether numbers of a dtype are whole. */
export const isInteger = ({ dtype }: NumpyHeader): boolean => /[biu]\d$/.test(dtype);

/** Writes numbers of a dtype to `to`, from `at` on. `bytes` hold whole numbers. */
export function decodeInto(
  { dtype, size }: NumpyHeader,
  bytes: Uint8Array,
  to: Float64Array | Float32Array | Int32Array | Uint8Array,
  at: number,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = readerOf(dtype.replace(/^[<>|=]/, ''), !dtype.startsWith('>'));
  for (let i = 0, offset = 0; offset + size <= bytes.byteLength; i++, offset += size) to[at + i] = read(view, offset);
}

function readerOf(kind: string, little: boolean): (view: DataView, at: number) => number {
  switch (kind) {
    case 'f8':
      return (view, at) => view.getFloat64(at, little);
    case 'f4':
      return (view, at) => view.getFloat32(at, little);
    case 'f2':
      return (view, at) => halfOf(view.getUint16(at, little));
    case 'i8':
      return (view, at) => Number(view.getBigInt64(at, little));
    case 'u8':
      return (view, at) => Number(view.getBigUint64(at, little));
    case 'i4':
      return (view, at) => view.getInt32(at, little);
    case 'u4':
      return (view, at) => view.getUint32(at, little);
    case 'i2':
      return (view, at) => view.getInt16(at, little);
    case 'u2':
      return (view, at) => view.getUint16(at, little);
    case 'i1':
      return (view, at) => view.getInt8(at);
    default:
      return (view, at) => view.getUint8(at);
  }
}
