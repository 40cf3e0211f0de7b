/** Safetensors of others, of any type of numbers, read tensor by tensor. */
import { open, type FileHandle } from 'node:fs/promises';
import { isObject } from '../../schema/json.js';
import { isSizes, product } from '../../numbers/nested.js';
import { dtypes, gather, isDtype, rowStrides, type TensorEntry } from './tensor-source.js';
import { unreadable } from './unreadable.js';

const maxHeaderBytes = 32 * 2 ** 20;

/**
 * The tensors of a safetensors file.
 * @throws OnecycleError `invalid_model` where its header is wrong, or the tensors are not what it has
 */
export async function readSafetensorsFile(path: string): Promise<TensorEntry[]> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const length = Number((await bytesAt(file, 0, 8)).readBigUInt64LE());
    if (length > maxHeaderBytes || length > size - 8) throw unreadable('it is neither a zip archive nor safetensors');
    const header = parsed(await bytesAt(file, 8, length));
    return Object.entries(header)
      .filter(([name]) => name !== '__metadata__')
      .map(([name, entry]) => entryOf(path, name, entry, { start: 8 + length, size }));
  } finally {
    await file.close();
  }
}

function parsed(json: Buffer): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(json.toString());
    if (isObject(header)) return header;
  } catch (cause) {
    throw unreadable('it is neither a zip archive nor safetensors', { cause });
  }
  throw unreadable('the header of its safetensors is not an object');
}

function entryOf(
  path: string,
  name: string,
  entry: unknown,
  { start, size }: { start: number; size: number },
): TensorEntry {
  if (!isObject(entry) || !isSizes(entry.shape) || !isSizes(entry.data_offsets) || entry.data_offsets.length !== 2)
    throw unreadable(`the header of tensor ${name} is wrong`);
  const { dtype, shape } = entry;
  if (!isDtype(dtype)) throw unreadable(`tensor ${name} has the type ${String(dtype)}, which is not supported`);
  const [begin, end] = entry.data_offsets;
  if (end - begin !== dtypes[dtype].bytes * product(shape) || start + end > size)
    throw unreadable(`the length of tensor ${name} does not match its shape`);
  return {
    name,
    shape,
    async read() {
      const file = await open(path);
      try {
        const bytes = await bytesAt(file, start + begin, end - begin);
        return gather(bytes, dtype, { shape, strides: rowStrides(shape), offset: 0 });
      } finally {
        await file.close();
      }
    },
  };
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead < length) throw unreadable('it is truncated');
  return buffer;
}
