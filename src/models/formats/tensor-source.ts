/** Named tensors of a file, whose values are read one tensor at a time: memory holds no more than one. */
import { halfOf } from '../../numbers/half.js';
import { maxElements, product } from '../../numbers/nested.js';
import { unreadable } from './unreadable.js';

/** A tensor of a file. */
export interface TensorEntry {
  name: string;
  shape: number[];
  /** Its values, row by row, as float32. @throws OnecycleError `invalid_model` where the file is damaged */
  read: () => Promise<Float32Array>;
}

/** Types of numbers, by what files call them: bytes each, and how they become float32. */
export const dtypes = {
  F64: { bytes: 8, read: (view: DataView, at: number) => view.getFloat64(at, true) },
  F32: { bytes: 4, read: (view: DataView, at: number) => view.getFloat32(at, true) },
  F16: { bytes: 2, read: (view: DataView, at: number) => halfOf(view.getUint16(at, true)) },
  BF16: { bytes: 2, read: (view: DataView, at: number) => brain(view.getUint16(at, true)) },
  I64: { bytes: 8, read: (view: DataView, at: number) => Number(view.getBigInt64(at, true)) },
  I32: { bytes: 4, read: (view: DataView, at: number) => view.getInt32(at, true) },
  I16: { bytes: 2, read: (view: DataView, at: number) => view.getInt16(at, true) },
  I8: { bytes: 1, read: (view: DataView, at: number) => view.getInt8(at) },
  U8: { bytes: 1, read: (view: DataView, at: number) => view.getUint8(at) },
  BOOL: { bytes: 1, read: (view: DataView, at: number) => view.getUint8(at) },
} as const;

/** One of them. */
export type Dtype = keyof typeof dtypes;

/** Whether a text names one. */
export const isDtype = (text: unknown): text is Dtype => typeof text === 'string' && Object.hasOwn(dtypes, text);

/** How numbers lie in some bytes: from `offset` on, by `strides`; both counted in numbers. */
export interface Layout {
  shape: readonly number[];
  strides: readonly number[];
  offset: number;
}

/** The strides of a tensor whose values lie row by row. */
export function rowStrides(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

/**
 * The numbers of a tensor, row by row, as float32.
 * @throws OnecycleError `invalid_model` where they reach out of the bytes
 */
export function gather(bytes: Uint8Array, dtype: Dtype, { shape, strides, offset }: Layout): Float32Array {
  const { bytes: width, read } = dtypes[dtype];
  const count = product(shape);
  if (count > maxElements) throw unreadable('a tensor is too large');
  if (count === 0) return new Float32Array(0);
  const last = shape.reduce((sum, n, axis) => sum + (n - 1) * strides[axis], offset);
  if (offset < 0 || strides.some((stride) => stride < 0) || (last + 1) * width > bytes.length)
    throw unreadable('a tensor extends beyond its storage');
  if (dtype === 'F32' && rowStrides(shape).every((stride, axis) => stride === strides[axis] || shape[axis] === 1))
    return new Float32Array(new Uint8Array(bytes.subarray(offset * width, (offset + count) * width)).buffer);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return strided((at) => read(view, at * width), { shape, strides, offset });
}

/** What stands at each place of a layout, row by row; `read` gets the place. */
export function strided(read: (at: number) => number, { shape, strides, offset }: Layout): Float32Array {
  const values = new Float32Array(product(shape));
  const index = shape.map(() => 0);
  let at = offset;
  for (let i = 0; i < values.length; i++) {
    values[i] = read(at);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return values;
}

/** The upper half of a float32. */
const word = new DataView(new ArrayBuffer(4));
function brain(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}
