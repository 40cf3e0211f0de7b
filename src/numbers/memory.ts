/** Memory that other threads see too, and that TensorFlow takes as it lies. */

type Numbers = Float32Array | Int32Array | Uint8Array;

// Node's types leave WebAssembly out.
declare const WebAssembly: {
  Memory: new (size: { initial: number; maximum: number; shared: true }) => { buffer: SharedArrayBuffer };
};

/** A page of WebAssembly's memory; operating systems' pages divide it. */
const pageBytes = 65_536;
/** What WebAssembly can address. */
const maxBytes = 2 ** 32;
/** TensorFlow takes values that begin at multiples of this as they lie (EIGEN_MAX_ALIGN_BYTES), and copies others. */
const alignmentBytes = 64;

const aligned = new WeakSet<ArrayBufferLike>();
const copies = new WeakMap<Numbers, Numbers>();

/**
 * Shared memory of at least `bytes` zeros that begins at a page, so that values in it can be aligned; an ArrayBuffer
 * may begin anywhere. Beyond 4 GiB there is no such memory, and it begins anywhere too.
 * @throws RangeError if there is not so much memory
 */
export function allocate(bytes: number): SharedArrayBuffer {
  if (bytes > maxBytes) return new SharedArrayBuffer(bytes);
  const pages = Math.ceil(bytes / pageBytes);
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  aligned.add(buffer);
  return buffer;
}

/** Whether TensorFlow takes values as they lie: they are aligned in memory of `allocate`, called in this thread. */
export const isAligned = ({ buffer, byteOffset }: Numbers): boolean =>
  byteOffset % alignmentBytes === 0 && aligned.has(buffer);

/** The first aligned offset from `bytes` on, in bytes: where the next values should begin. */
export const align = (bytes: number): number => Math.ceil(bytes / alignmentBytes) * alignmentBytes;

/**
 * The values in memory that other threads see: as they are if they lie in such memory, else a copy, which is the same
 * array at every call.
 */
export function shared<T extends Numbers>(values: T): T {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const known = copies.get(values);
  if (known !== undefined) return known as T; // the key's type is the value's
  const copy = like(values, allocate(values.byteLength), 0, values.length);
  copy.set(values);
  copies.set(values, copy);
  return copy;
}

/** An array of the type of `values`, of `length` elements, from `byteOffset` in `buffer` on: a view, not a copy. */
export function like<T extends Numbers>(values: T, buffer: SharedArrayBuffer, byteOffset: number, length: number): T {
  // A typed array's constructor makes arrays of its own type.
  const Type = values.constructor as new (buffer: SharedArrayBuffer, byteOffset: number, length: number) => T;
  return new Type(buffer, byteOffset, length);
}
