/**
 * What a file of weights says of the model that they are of: JSON in its metadata, so that the one file is enough to
 * predict, and to make every other format of.
 */
import type { ProcessingSpec } from '../data/processing/index.js';
import type { Vocabulary } from '../data/processing/processing.js';
import { OnecycleError } from '../errors.js';
import type { JsonObject } from '../schema/json.js';
import { metadataOf, leadingTensors, readSafetensors } from './safetensors.js';
import type { ModelPlan } from './spec.js';
import { tensorName, weightsFrom } from './weights.js';

/**
 * What makes answers of a model's outputs: probabilities of classes, of each value by itself, or nothing, where they are
 * the values.
 */
export type Activation = 'softmax' | 'sigmoid' | 'none';

/** A model with what it was trained for. Plain JSON. */
export interface KeptModel {
  plan: ModelPlan;
  /** What raw rows go through. */
  processing: ProcessingSpec;
  /** What its outputs mean. */
  vocabulary: Vocabulary;
  /** The loss that it was trained by: its name, or with arguments. */
  loss: string | JsonObject;
  activation: Activation;
}

/** A model with its weights, in the order of `plan.parameters`. */
export interface TrainedModel extends KeptModel {
  weights: Float32Array[];
}

/** The metadata that `readTrainedModel` reads. */
export const modelMetadata = (model: KeptModel): { model: string } => ({ model: JSON.stringify(model) });

/**
 * What the bytes of a safetensors file, a checkpoint too, say of the model that they are of; undefined where an earlier
 * version wrote them. @throws OnecycleError `bad_data` where they are damaged
 */
export function keptModelIn(bytes: Uint8Array): KeptModel | undefined {
  const metadata = metadataOf(bytes);
  return 'model' in metadata ? (JSON.parse(metadata.model) as KeptModel) : undefined; // only `modelMetadata` writes it
}

/** Reads the bytes of a file from `start` up to `end`, which is left out. */
export type ReadRange = (start: number, end: number) => Promise<Uint8Array>;

/**
 * Reads the model and its parameters from a safetensors file, a checkpoint too: of that no more than the parameters.
 * @throws OnecycleError `not_available` where the file does not say what model it is of, as those of earlier versions;
 *   `bad_data` where it is damaged
 */
export async function readTrainedModel(read: ReadRange): Promise<TrainedModel> {
  const header = await readHeader(read);
  const metadata = metadataOf(header);
  if (!('model' in metadata))
    throw new OnecycleError(
      'not_available',
      'These weights were stored by an earlier version, which did not record their model.',
    );
  const kept = JSON.parse(metadata.model) as KeptModel; // only `modelMetadata` writes it
  const names = new Set(kept.plan.parameters.map(tensorName));
  const { head, start, end } = leadingTensors(header, (name) => names.has(name));
  const { tensors } = readSafetensors(Buffer.concat([head, await read(start, end)]));
  return { ...kept, weights: weightsFrom(kept.plan, tensors) };
}

/** The head of a safetensors file, with its length in front. */
export async function readHeader(read: ReadRange): Promise<Uint8Array> {
  const first = Buffer.from(await read(0, 8));
  if (first.length < 8) throw new OnecycleError('bad_data', 'Not a safetensors file: it is shorter than its header');
  return read(0, 8 + Number(first.readBigUInt64LE()));
}
