/** The formats that a trained model can be had in. */
import { Readable } from 'node:stream';
import type { Checkpoint } from '../../jobs/checkpoint.js';
import { artifacts, type JobRecord } from '../../jobs/index.js';
import { layersModel } from '../../models/formats/layers-model.js';
import {
  modelMetadata,
  namedWeights,
  readTrainedModel,
  safetensorsParts,
  type TrainedModel,
} from '../../models/index.js';
import { rangeOf } from '../../storage/index.js';
import type { Storage } from '../../storage/storage.js';
import { modelCard } from './model-card.js';

/** What is given out: a model of a job, as it was at a checkpoint. */
interface Source {
  record: JobRecord;
  checkpoint: Checkpoint;
  model: TrainedModel;
  card: string;
  storage: Storage;
}

/** A format. A new one is a line below. */
interface Format {
  description: string;
  /** How the file's name ends. */
  ending: string;
  type: 'application/zip' | 'application/octet-stream';
  make: (source: Source) => Readable | Promise<Readable>;
}

const bytes = (parts: readonly Uint8Array[]): Readable => Readable.from(parts, { objectMode: false });
const nameOf = ({ record }: Source): string => record.id;

/** Every format by its name. What takes a library loads it when it is asked for: the API starts without. */
export const formats = {
  'layers-model': {
    description:
      'for `tf.loadLayersModel`: a zip of model.json and weights.bin with standard layers only; it outputs logits or ' +
      'values',
    ending: '.zip',
    type: 'application/zip',
    async make(source) {
      const { zipOf } = await import('../../models/formats/zip-of.js');
      const { json, weights } = layersModel({ ...source, name: nameOf(source) });
      return zipOf([
        { name: 'README.md', content: source.card },
        { name: 'model.json', content: json },
        { name: 'weights.bin', content: weights },
      ]);
    },
  },
  onnx: {
    description:
      'one file, opset 17: the input `x` is channels-last, the outputs are `logits` and ' +
      '`probabilities`, or `values`',
    ending: '.onnx',
    type: 'application/octet-stream',
    async make(source) {
      const { onnxFile } = await import('../../models/formats/onnx.js');
      return bytes([onnxFile({ ...source, name: nameOf(source) })]);
    },
  },
  safetensors: {
    description: 'the parameters, named `LAYER.NAME`; layers, processing and classes are in its metadata as JSON',
    ending: '.safetensors',
    type: 'application/octet-stream',
    make({ model, card }) {
      const { weights, ...kept } = model;
      return bytes(safetensorsParts(namedWeights(model.plan, weights), { ...modelMetadata(kept), card }));
    },
  },
  onecycle: {
    description:
      'a zip of everything: the record of the job, the model with its processing and classes, and the checkpoint with ' +
      "the optimizer's state",
    ending: '.onecycle.zip',
    type: 'application/zip',
    async make({ record, checkpoint, model, card, storage }) {
      const { zipOf } = await import('../../models/formats/zip-of.js');
      const stream = await storage.stream(artifacts.checkpoint(record.id, checkpoint.id));
      return zipOf([
        { name: 'README.md', content: card },
        { name: 'job.json', content: JSON.stringify(record, null, 1) },
        { name: 'model.json', content: JSON.stringify({ ...model, weights: undefined }, null, 1) },
        { name: 'checkpoint.safetensors', content: { stream, size: stream.size } },
      ]);
    },
  },
} as const satisfies Record<string, Format>;

/** The name of a format. */
export type FormatName = keyof typeof formats;

/** The names of all. */
export const formatNames = Object.keys(formats) as FormatName[];

/**
 * A model of a job in a format.
 * @throws OnecycleError `not_available` where an earlier version stored the checkpoint
 */
export async function exportModel(
  name: FormatName,
  record: JobRecord,
  checkpoint: Checkpoint,
  storage: Storage,
): Promise<{ type: string; filename: string; stream: Readable }> {
  const file = artifacts.checkpoint(record.id, checkpoint.id);
  const model = await readTrainedModel(rangeOf(storage, file));
  const format: Format = formats[name];
  const card = modelCard(record, checkpoint, model);
  const stream = await format.make({ record, checkpoint, model, card, storage });
  return { type: format.type, filename: `${record.id}${format.ending}`, stream };
}
