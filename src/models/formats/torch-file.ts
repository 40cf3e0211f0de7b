/**
 * PyTorch's files: `torch.save` of a state_dict, as a zip archive (since 1.6) or in the form before. Of the pickle
 * inside, tensors and containers are read; nothing is executed (pickle.ts).
 */
import { isSizes } from '../../numbers/nested.js';
import { PythonName, readPickle, readPickles, type Makers, type PythonValue } from './pickle.js';
import { dtypes, gather, type Dtype, type TensorEntry } from './tensor-source.js';
import { unreadable } from './unreadable.js';
import type { Archive } from './zip.js';

/** The pickle of any state_dict is far smaller: it holds names and shapes. */
const maxPickleBytes = 32 * 2 ** 20;
/** As large as one storage may be: what JavaScript can hold at once. */
const maxStorageBytes = 2 * 2 ** 30;

/** Storages by PyTorch's name of their class. */
const storages: ReadonlyMap<string, Dtype> = new Map([
  ['torch.FloatStorage', 'F32'],
  ['torch.DoubleStorage', 'F64'],
  ['torch.HalfStorage', 'F16'],
  ['torch.BFloat16Storage', 'BF16'],
  ['torch.LongStorage', 'I64'],
  ['torch.IntStorage', 'I32'],
  ['torch.ShortStorage', 'I16'],
  ['torch.CharStorage', 'I8'],
  ['torch.ByteStorage', 'U8'],
  ['torch.BoolStorage', 'BOOL'],
]);

class Storage {
  constructor(
    readonly key: string,
    readonly dtype: Dtype,
    readonly count: number,
  ) {}
}

class TorchTensor {
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: number[],
    readonly strides: number[],
  ) {}
}

const rebuildTensor = 'torch._utils._rebuild_tensor_v2';
const rebuildParameter = 'torch._utils._rebuild_parameter';
const callable = new Set(['collections.OrderedDict', 'torch.Size', rebuildTensor, rebuildParameter]);

const makers: Makers = {
  knows: (name) => callable.has(name) || storages.has(name),
  call(name, args) {
    if (name === 'collections.OrderedDict') return new Map(pairs(args[0] ?? []));
    if (name === 'torch.Size') return args[0];
    if (name === rebuildParameter) return args[0];
    const [storage, offset, shape, strides] = args;
    if (name !== rebuildTensor || !(storage instanceof Storage)) throw unreadable(`${name} may not be called`);
    if (typeof offset !== 'number' || !isSizes(shape) || !isSizes(strides) || shape.length !== strides.length)
      throw unreadable('a tensor of its pickle has no shape');
    return new TorchTensor(storage, offset, shape, strides);
  },
  persistent(id) {
    if (!Array.isArray(id)) throw unreadable('its pickle refers to something that is not a storage');
    const [kind, type, key, , count] = id;
    const dtype = type instanceof PythonName ? storages.get(type.text) : undefined;
    if (kind !== 'storage' || dtype === undefined || typeof count !== 'number')
      throw unreadable('its pickle refers to something that is not a storage');
    return new Storage(String(key), dtype, count);
  },
};

function pairs(list: PythonValue): [PythonValue, PythonValue][] {
  if (!Array.isArray(list)) throw unreadable('an OrderedDict of its pickle has no entries');
  return list.map((item: PythonValue) => {
    if (!Array.isArray(item) || item.length !== 2) throw unreadable('an OrderedDict of its pickle has no entries');
    const [key, value]: PythonValue[] = item;
    return [key, value];
  });
}

/** The path of the pickle in a PyTorch archive; undefined where the archive is none. */
export const torchPickle = ({ names }: Archive): string | undefined =>
  names.find((name) => /^([^/]+\/)?data\.pkl$/.test(name));

/**
 * The tensors of a PyTorch archive.
 * @throws OnecycleError `invalid_model` where it holds anything but tensors and containers, or no tensors
 */
export async function readTorchArchive(archive: Archive, pickle: string): Promise<TensorEntry[]> {
  const folder = pickle.slice(0, -'data.pkl'.length);
  const order = `${folder}byteorder`;
  if (archive.size(order) !== undefined && (await archive.read(order, 16)).toString() !== 'little')
    throw unreadable('its numbers are big-endian');
  const root = readPickle(await archive.read(pickle, maxPickleBytes), makers);
  // Tensors may be views of one storage: the last one that was read is at hand.
  let last: { key: string; bytes: Promise<Buffer> } | undefined;
  return entriesOf(root, ({ key }) => {
    if (last?.key !== key) last = { key, bytes: archive.read(`${folder}data/${key}`, maxStorageBytes) };
    return last.bytes;
  });
}

/** How the form before 1.6 begins: its magic number, pickled. */
export const legacyMagic = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex');

/**
 * The tensors of a file in the form before 1.6: five pickles (magic number, version, the machine's sizes, the object,
 * the storages' keys), then each storage, its length in front.
 * @throws OnecycleError `invalid_model` as `readTorchArchive`
 */
export function readLegacyTorch(bytes: Uint8Array): TensorEntry[] {
  const { values, end } = readPickles(bytes, 5, makers);
  const keys = values[4];
  if (!Array.isArray(keys)) throw unreadable('it does not list its storages');
  const known = new Map<string, Storage>();
  for (const { storage } of tensorsOf(values[3]).values()) known.set(storage.key, storage);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<string, Uint8Array>();
  let at = end;
  for (const key of keys.map(String)) {
    const storage = known.get(key);
    if (storage === undefined) throw unreadable('it has a storage that no tensor uses');
    if (at + 8 > bytes.length) throw unreadable('it is truncated');
    const length = Number(view.getBigInt64(at, true)) * dtypes[storage.dtype].bytes;
    if (length < 0 || at + 8 + length > bytes.length) throw unreadable('it is truncated');
    found.set(key, bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return entriesOf(values[3], ({ key }) => Promise.resolve(found.get(key) ?? new Uint8Array(0)));
}

function entriesOf(root: PythonValue, bytesOf: (storage: Storage) => Promise<Uint8Array>): TensorEntry[] {
  return [...tensorsOf(root)].map(([name, { storage, offset, shape, strides }]) => ({
    name,
    shape,
    async read() {
      return gather(await bytesOf(storage), storage.dtype, { shape, strides, offset });
    },
  }));
}

/** Where training scripts put the state_dict, if it is not the whole. */
const wrappers = ['state_dict', 'model', 'model_state_dict', 'module'];

/** A state_dict's tensors by name; numbers beside them are left out. */
function tensorsOf(root: PythonValue): Map<string, TorchTensor> {
  if (!(root instanceof Map)) throw unreadable('its pickle is not a dictionary of tensors: save a state_dict()');
  const inside = wrappers.map((name) => root.get(name)).find((value) => value instanceof Map);
  const tensors = new Map<string, TorchTensor>();
  for (const [name, value] of inside ?? root)
    if (typeof name === 'string' && value instanceof TorchTensor) tensors.set(name.replace(/^module\./, ''), value);
  if (tensors.size === 0) throw unreadable('its pickle has no tensors: save a state_dict()');
  return tensors;
}
