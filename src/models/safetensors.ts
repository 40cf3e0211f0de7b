/**
 * The safetensors file format (huggingface/safetensors): eight bytes with the header's length, little-endian, the
 * header as JSON, then the tensors' bytes one after another. Machines that run Node are little-endian, so typed arrays
 * are written as they lie in memory.
 */
import { isSizes, product } from '../numbers/nested.js';
import { OnecycleError } from '../errors.js';
import { isObject } from '../schema/json.js';

/** A tensor of a file: its shape, and its values row by row. */
export interface Tensor {
  shape: number[];
  data: Float32Array | Int32Array | Uint8Array;
}

/** What a file holds: tensors by name, and strings by name. */
export interface SafetensorsFile {
  tensors: Map<string, Tensor>;
  metadata: Record<string, string>;
}

type DType = 'F32' | 'I32' | 'U8';
const bytesPerElement: Record<DType, number> = { F32: 4, I32: 4, U8: 1 };
const isDType = (value: unknown): value is DType => typeof value === 'string' && Object.hasOwn(bytesPerElement, value);
const dtypeOf = ({ data }: Tensor): DType =>
  data instanceof Float32Array ? 'F32' : data instanceof Int32Array ? 'I32' : 'U8';

/** The format's own limit: what a header may take. */
const maxHeaderBytes = 100_000_000;

/**
 * A safetensors file in parts: its header, then views of the tensors' own memory (no copies), to be written one after
 * another. `Buffer.concat` makes one buffer of them. Tensors of four-byte elements come first, so that all lie aligned.
 */
export function safetensorsParts(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Record<string, string> = {},
): Uint8Array[] {
  const entries = [...tensors].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  let offset = 0;
  const header = entries.map(([name, tensor]) => {
    const begin = offset;
    offset += tensor.data.byteLength;
    return [name, { dtype: dtypeOf(tensor), shape: tensor.shape, data_offsets: [begin, offset] }] as const;
  });
  return [
    headOf(withMetadata(header, metadata)),
    ...entries.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ];
}

const withMetadata = (
  entries: readonly (readonly [string, unknown])[],
  metadata: Record<string, string>,
): readonly (readonly [string, unknown])[] =>
  Object.keys(metadata).length > 0 ? [['__metadata__', metadata], ...entries] : entries;

/** The head of a file of float32 tensors, in this order. */
export function float32Head(tensors: readonly { name: string; shape: readonly number[] }[]): Uint8Array {
  let offset = 0;
  const entries = tensors.map(({ name, shape }) => {
    const begin = offset;
    offset += 4 * product(shape);
    return [name, { dtype: 'F32', shape, data_offsets: [begin, offset] }] as const;
  });
  return headOf(entries);
}

/** The header's length, and the header, padded so that what follows lies aligned. */
function headOf(entries: readonly (readonly [string, unknown])[]): Uint8Array {
  const json = Buffer.from(JSON.stringify(Object.fromEntries<unknown>(entries)));
  const head = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  head.writeBigUInt64LE(BigInt(head.length - 8), 0);
  head.set(json, 8);
  return head;
}

/**
 * Reads a safetensors file. The tensors are views of `bytes` where its memory is aligned, else copies.
 * @throws OnecycleError bad_data where the file is cut off, its header is wrong, or its tensors don't fill it exactly.
 */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { entries, start } = readHeader(bytes);
  const metadata = readMetadata(entries.get('__metadata__'));
  entries.delete('__metadata__');
  const data = bytes.subarray(start);
  const ranged = [...entries].map(([name, entry]) => ({ name, ...readEntry(name, entry) }));
  let end = 0;
  for (const { name, begin, end: next } of ranged.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== end) throw corrupt(`tensor ${name} does not follow the one before it`);
    end = next;
  }
  if (end !== data.length) throw corrupt(`its tensors take ${end} bytes, but it has ${data.length}`);
  const tensors = new Map(
    ranged.map(({ name, dtype, shape, begin, end }) => [
      name,
      { shape, data: elements(dtype, data.subarray(begin, end)) },
    ]),
  );
  return { tensors, metadata };
}

/** The metadata of a file by its header, its length in front. @throws OnecycleError `bad_data` */
export const metadataOf = (header: Uint8Array): Record<string, string> =>
  readMetadata(readHeader(header).entries.get('__metadata__'));

/**
 * The head of a file that has only the first tensors of another, which are those `wanted` by name: `head`, and where
 * in the other file their bytes are. `header`: of the other file, its length in front; `metadata`: of the new one.
 * @throws OnecycleError `bad_data` where the wanted tensors are not its first
 */
export function leadingTensors(
  header: Uint8Array,
  wanted: (name: string) => boolean,
  metadata: Record<string, string> = {},
): { head: Uint8Array; start: number; end: number } {
  const { entries, start } = readHeader(header);
  entries.delete('__metadata__');
  const kept = [...entries]
    .filter(([name]) => wanted(name))
    .map(([name, entry]) => [name, readEntry(name, entry)] as const);
  const end = kept.reduce((furthest, [, entry]) => Math.max(furthest, entry.end), 0);
  if (kept.reduce((sum, [, entry]) => sum + entry.end - entry.begin, 0) !== end)
    throw corrupt('other tensors precede the requested ones');
  const described = kept.map(
    ([name, { dtype, shape, begin, end }]) => [name, { dtype, shape, data_offsets: [begin, end] }] as const,
  );
  return { head: headOf(withMetadata(described, metadata)), start, end: start + end };
}

const corrupt = (detail: string, options?: ErrorOptions) =>
  new OnecycleError('bad_data', `Not a safetensors file: ${detail}`, [], options);

function readHeader(bytes: Uint8Array): { entries: Map<string, unknown>; start: number } {
  if (bytes.length < 8) throw corrupt('it is shorter than its header');
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > maxHeaderBytes || length > bytes.length - 8) throw corrupt('its header is longer than it may be');
  const start = 8 + length;
  const header = parseJson(Buffer.from(bytes.buffer, bytes.byteOffset + 8, length).toString());
  if (!isObject(header)) throw corrupt('its header is not a JSON object');
  return { entries: new Map(Object.entries(header)), start };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw corrupt('its header is not JSON', { cause });
  }
}

function readMetadata(value: unknown): Record<string, string> {
  const isMetadata = (v: unknown): v is Record<string, string> =>
    isObject(v) && Object.values(v).every((text) => typeof text === 'string');
  if (value === undefined) return {};
  if (!isMetadata(value)) throw corrupt('its metadata values are not strings');
  return value;
}

function readEntry(name: string, entry: unknown): { dtype: DType; shape: number[]; begin: number; end: number } {
  if (!isObject(entry) || !isSizes(entry.shape) || !isSizes(entry.data_offsets) || entry.data_offsets.length !== 2)
    throw corrupt(`the header of tensor ${name} is wrong`);
  const { dtype, shape } = entry;
  if (!isDType(dtype)) throw corrupt(`tensor ${name} must be F32, I32 or U8, not ${String(dtype)}`);
  const [begin, end] = entry.data_offsets;
  const size = bytesPerElement[dtype] * product(shape);
  if (end - begin !== size)
    throw corrupt(`tensor ${name} takes ${size} bytes by its shape, ${end - begin} by its offsets`);
  return { dtype, shape, begin, end };
}

function elements(dtype: DType, bytes: Uint8Array): Tensor['data'] {
  if (dtype === 'U8') return bytes;
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return dtype === 'F32'
    ? new Float32Array(buffer, byteOffset, byteLength / 4)
    : new Int32Array(buffer, byteOffset, byteLength / 4);
}
