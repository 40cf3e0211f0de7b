/** The weights of a TensorFlow.js model: files in parts, and a list of what lies in them one after another. */
import { isObject } from '../../schema/json.js';
import { isSizes, product } from '../../numbers/nested.js';
import { dtypes, gather, rowStrides, type Dtype, type TensorEntry } from './tensor-source.js';
import { unreadable } from './unreadable.js';

/** How numbers are stored, by TensorFlow.js's names. */
const stored: ReadonlyMap<string, Dtype> = new Map([
  ['float32', 'F32'],
  ['float16', 'F16'],
  ['uint8', 'U8'],
  ['int32', 'I32'],
  ['bool', 'BOOL'],
]);

/** uint16 stands in quantized files alone. */
const uint16 = 2;

/**
 * The tensors that a `weightsManifest` lists, by their own names.
 * @param read a whole file, by its path beside model.json
 * @throws OnecycleError `invalid_model` where the list and the files do not fit
 */
export async function readManifest(manifest: unknown, read: (path: string) => Promise<Buffer>): Promise<TensorEntry[]> {
  if (!Array.isArray(manifest)) throw unreadable('its model.json has no weightsManifest');
  const tensors: TensorEntry[] = [];
  for (const group of manifest as unknown[]) {
    if (!isObject(group) || !Array.isArray(group.paths) || !Array.isArray(group.weights))
      throw unreadable('its weightsManifest has a group without paths or weights');
    const parts: Buffer[] = [];
    for (const path of group.paths as unknown[]) parts.push(await read(String(path)));
    const bytes = Buffer.concat(parts);
    let at = 0;
    for (const weight of group.weights as unknown[]) {
      const { entry, end } = entryOf(weight, bytes, at);
      tensors.push(entry);
      at = end;
    }
    if (at !== bytes.length) throw unreadable('the length of its weights does not match its weightsManifest');
  }
  return tensors;
}

function entryOf(weight: unknown, bytes: Buffer, start: number): { entry: TensorEntry; end: number } {
  if (!isObject(weight) || typeof weight.name !== 'string' || !isSizes(weight.shape))
    throw unreadable('its weightsManifest has a weight without a name or a shape');
  const { name, shape, quantization } = weight;
  const type = isObject(quantization) ? String(quantization.dtype) : String(weight.dtype);
  const dtype = stored.get(type);
  const wide = type === 'uint16' && isObject(quantization);
  if (dtype === undefined && !wide) throw unreadable(`the weight ${name} has the type ${type}, which is not supported`);
  const width = dtype === undefined ? uint16 : dtypes[dtype].bytes;
  const end = start + width * product(shape);
  if (end > bytes.length) throw unreadable('its weights are shorter than its weightsManifest requires');
  const own = bytes.subarray(start, end);
  const values = () =>
    dtype === undefined
      ? Float32Array.from({ length: own.length / uint16 }, (_, i) => own.readUInt16LE(i * uint16))
      : gather(own, dtype, { shape, strides: rowStrides(shape), offset: 0 });
  const { scale, min } = isObject(quantization) ? quantization : {};
  const scaled = (numbers: Float32Array) =>
    typeof scale === 'number' && typeof min === 'number' ? numbers.map((q) => q * scale + min) : numbers;
  return { entry: { name, shape, read: () => Promise.resolve(scaled(values())) }, end };
}
