/** Memory that other threads see too, and that TensorFlow takes as it lies. */

type Numbers = Float32Array | Int32Array | Uint8Array;

// Node's types leave it out.
declare const WebAssembly: {
  Memory: new (size: { initial: number; maximum: number; shared: true }) => { buffer: SharedArrayBuffer };
};

const pageBytes = 65_536;
/** What WebAssembly can address. */
const maxBytes = 2 ** 32;
/** TensorFlow copies values that begin elsewhere. */
const alignment = 64;

const aligned = new WeakSet<ArrayBufferLike>();
const copies = new WeakMap<Numbers, Numbers>();

/** Zeros that begin at a page, where an ArrayBuffer may begin anywhere; beyond 4 GiB, where no such memory can be had, anywhere too. */
export function allocate(bytes: number): SharedArrayBuffer {
  if (bytes > maxBytes) return new SharedArrayBuffer(bytes);
  const pages = Math.ceil(bytes / pageBytes);
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  aligned.add(buffer);
  return buffer;
}

/** Whether TensorFlow takes values as they lie; known in the thread that allocated them. */
export const isAligned = ({ buffer, byteOffset }: Numbers): boolean =>
  byteOffset % alignment === 0 && aligned.has(buffer);

/** Where the next values after so many bytes should begin. */
export const align = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

/** Values as other threads see them: as they are if they lie in shared memory, else a copy, the same at every call. */
export function shared<T extends Numbers>(values: T): T {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const known = copies.get(values);
  if (known !== undefined) return known as T; // the key's type is the value's
  const copy = like(values, allocate(values.byteLength), 0, values.length);
  copy.set(values);
  copies.set(values, copy);
  return copy;
}

/** An array of the type of `values`, elsewhere. */
export function like<T extends Numbers>(values: T, buffer: SharedArrayBuffer, byteOffset: number, length: number): T {
  const Type = values.constructor as new (buffer: SharedArrayBuffer, byteOffset: number, length: number) => T; // its own type's
  return new Type(buffer, byteOffset, length);
}
