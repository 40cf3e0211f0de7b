/** A trained model as files. */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { invalidSpec } from '../errors.js';
import { modelMetadata, namedWeights, safetensorsParts, type TrainedModel } from '../models/index.js';

/** The formats that a model can be had in: those of a job's model. */
export const exportFormats = ['safetensors', 'onnx', 'layers-model', 'onecycle'] as const;

/** One of them. */
export type ExportFormat = (typeof exportFormats)[number];

/** The format that a path means: by its ending; a folder is a LayersModel. */
export function formatOf(path: string): ExportFormat {
  if (path.endsWith('.safetensors')) return 'safetensors';
  if (path.endsWith('.onnx')) return 'onnx';
  return path.endsWith('.zip') ? 'onecycle' : 'layers-model';
}

/** @throws OnecycleError `invalid_spec` for what is no path */
export function checkedPath(path: unknown): string {
  if (typeof path === 'string' && path !== '') return path;
  throw invalidSpec('/path', 'the path must be a string, the path of a file or a folder');
}

/** Writes a model; `checkpoint` gives the parts of the file that `save` writes. */
export async function writeModel(
  path: string,
  format: ExportFormat,
  model: TrainedModel,
  checkpoint: () => Uint8Array[],
): Promise<void> {
  const { weights, ...kept } = model;
  const source = { model, name: 'onecycle', card: '' };
  switch (format) {
    case 'safetensors':
      return writeWhole(path, safetensorsParts(namedWeights(model.plan, weights), modelMetadata(kept)));
    case 'onnx': {
      const { onnxFile } = await import('../models/formats/onnx.js');
      return writeWhole(path, [onnxFile(source)]);
    }
    case 'layers-model': {
      const { layersModel } = await import('../models/formats/layers-model.js');
      const files = layersModel(source);
      await writeWhole(join(path, 'weights.bin'), files.weights);
      return writeWhole(join(path, 'model.json'), [Buffer.from(files.json)]);
    }
    case 'onecycle': {
      const { zipOf } = await import('../models/formats/zip-of.js');
      const zip = zipOf([
        { name: 'model.json', content: JSON.stringify(kept, null, 1) },
        { name: 'checkpoint.safetensors', content: checkpoint() },
      ]);
      return putInPlace(path, (unfinished) => pipeline(zip, createWriteStream(unfinished)));
    }
  }
}

/** Writes a file whole or not at all; folders that are not there are made. */
export const writeWhole = (path: string, parts: readonly Uint8Array[]): Promise<void> =>
  putInPlace(path, (unfinished) => writeFile(unfinished, parts));

async function putInPlace(path: string, write: (unfinished: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}.unfinished`;
  try {
    await write(unfinished);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}
