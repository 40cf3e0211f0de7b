/** A model's file, whatever its form: recognised by its content, and written anew as safetensors of float32. */
import { open, readFile, stat } from 'node:fs/promises';
import type { LayerSpec } from '../layers/index.js';
import { float32Head } from '../safetensors.js';
import type { NamedShape } from '../take.js';
import { readLayersModel, type Unsupported } from './read-layers-model.js';
import { readSafetensorsFile } from './safetensors-file.js';
import type { TensorEntry } from './tensor-source.js';
import { legacyMagic, readLegacyTorch, readTorchArchive, torchPickle } from './torch-file.js';
import { unreadable } from './unreadable.js';
import { readManifest } from './weights-manifest.js';
import { openArchive, type Archive } from './zip.js';

/** The forms there are. */
export const modelFormats = ['layers-model', 'safetensors', 'torch'] as const;

/** What a file holds. */
export interface ImportedModel {
  format: (typeof modelFormats)[number];
  /** Null where it has weights alone. */
  layers: LayerSpec[] | null;
  tensors: NamedShape[];
  /** Layers that cannot be taken over: then there are no weights either. */
  unsupported: Unsupported[];
  /** What was changed on the way, in words. */
  notes: string[];
}

const maxJsonBytes = 32 * 2 ** 20;
const maxShardBytes = 2 * 2 ** 30;
/** Files in PyTorch's old form are read whole. */
const maxLegacyBytes = 2 * 2 ** 30;

/**
 * Reads the file at a path, and writes its weights to another as safetensors, float32, under their own names, or ours
 * where it is a LayersModel.
 * @throws OnecycleError `invalid_model` that says why it is none
 */
export async function importModel(path: string, weights: string): Promise<ImportedModel> {
  const start = await firstBytes(path);
  if (start.subarray(0, 4).toString('latin1') === 'PK\x03\x04') return importArchive(path, weights);
  if (start.equals(legacyMagic)) {
    if ((await stat(path)).size > maxLegacyBytes) throw unreadable('it is too large for its format: save it again');
    return importTensors('torch', readLegacyTorch(await readFile(path)), weights);
  }
  if (start.subarray(1, 4).toString('latin1') === 'HDF')
    throw unreadable('it is HDF5 (.h5); supported are a zip of a TensorFlow.js LayersModel, safetensors and .pth');
  if (start[0] === 0x80)
    throw unreadable('it is a pickle that was not written by torch.save; save the state_dict with torch.save');
  return importTensors('safetensors', await readSafetensorsFile(path), weights);
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(legacyMagic.length), 0, legacyMagic.length, 0);
    if (bytesRead < buffer.length) throw unreadable('it is too short');
    return buffer;
  } finally {
    await file.close();
  }
}

async function importArchive(path: string, weights: string): Promise<ImportedModel> {
  const archive = await openArchive(path);
  try {
    const pickle = torchPickle(archive);
    if (pickle !== undefined) return await importTensors('torch', await readTorchArchive(archive, pickle), weights);
    const json = archive.names.find((name) => /^([^/]+\/)*model\.json$/.test(name));
    if (json === undefined) throw unreadable('it has no model.json of a TensorFlow.js LayersModel, and no data.pkl');
    return await importLayersModel(archive, json, weights);
  } finally {
    archive.close();
  }
}

async function importLayersModel(archive: Archive, path: string, weights: string): Promise<ImportedModel> {
  const json = parsed(await archive.read(path, maxJsonBytes));
  const { layers, unsupported, notes, weightName } = readLayersModel(json);
  if (unsupported.length > 0) return { format: 'layers-model', layers, tensors: [], unsupported, notes };
  const folder = path.slice(0, -'model.json'.length);
  const manifest = (json as { weightsManifest?: unknown }).weightsManifest;
  const entries = await readManifest(manifest, (name) => archive.read(folder + name, maxShardBytes));
  const tensors = entries.flatMap((entry) => {
    const name = weightName(entry.name);
    return name === undefined ? [] : [{ ...entry, name }];
  });
  return { ...(await importTensors('layers-model', [...tensors, ...added(layers, tensors)], weights)), layers, notes };
}

/** A batch norm without gamma or beta gets them. */
function added(layers: readonly LayerSpec[], tensors: readonly TensorEntry[]): TensorEntry[] {
  const known = new Map(tensors.map(({ name, shape }) => [name, shape]));
  return layers.flatMap(({ type, name }) => {
    const shape = type === 'batch_norm' ? known.get(`${name ?? ''}.moving_mean`) : undefined;
    if (shape === undefined) return [];
    return [
      ['gamma', 1],
      ['beta', 0],
    ].flatMap(([parameter, value]) => {
      const full = `${name ?? ''}.${parameter}`;
      if (known.has(full)) return [];
      return [{ name: full, shape, read: () => Promise.resolve(new Float32Array(shape[0]).fill(Number(value))) }];
    });
  });
}

function parsed(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString());
  } catch (cause) {
    throw unreadable('its model.json is not JSON', { cause });
  }
}

/** Numbers that count batches are no weights. */
const isWeight = ({ name, shape }: TensorEntry): boolean => shape.length > 0 && !name.endsWith('num_batches_tracked');

async function importTensors(
  format: ImportedModel['format'],
  entries: readonly TensorEntry[],
  weights: string,
): Promise<ImportedModel> {
  const tensors = entries.filter(isWeight);
  if (tensors.length === 0) throw unreadable('it has no weights');
  if (new Set(tensors.map(({ name }) => name)).size < tensors.length)
    throw unreadable('two weights have the same name');
  const file = await open(weights, 'w');
  try {
    await file.writeFile(float32Head(tensors));
    for (const { read } of tensors) {
      const values = await read();
      if (values.some(Number.isNaN)) throw unreadable('its weights contain NaN');
      await file.writeFile(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  } finally {
    await file.close();
  }
  const shapes = tensors.map(({ name, shape }) => ({ name, shape }));
  return { format, layers: null, tensors: shapes, unsupported: [], notes: [] };
}
