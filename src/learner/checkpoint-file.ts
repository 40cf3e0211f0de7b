/** A checkpoint as a safetensors file: the tensors as such, all else as JSON in its metadata. */
import { OnecycleError } from '../errors.js';
import { readSafetensors, safetensorsParts, type Tensor, tensorName } from '../models/index.js';
import { isObject } from '../schema/json.js';
import type { Learner } from './learner.js';
import type { Checkpoint } from './view.js';

/**
 * A checkpoint of this Learner in parts, to be written one after another: parameters, the optimizer's tensors and the
 * callbacks' (`callback/N`); in the metadata `optimizer`, and under `checkpoint` the rest. `metadata` is more of it.
 */
export function checkpointFile(
  learn: Learner,
  { snapshot, ...rest }: Checkpoint,
  metadata: Record<string, string> = {},
): Uint8Array[] {
  const { values, optimizer, ...counts } = snapshot;
  const shapes = new Map(learn.options.model.parameters.map((parameter) => [tensorName(parameter), parameter.shape]));
  const tensors = new Map(
    learn.names.map((name, i): [string, Tensor] => [
      name,
      { shape: shapes.get(name.split('/').at(-1)!)!, data: values[i] },
    ]),
  );
  const checkpoint = toJson({ ...rest, counts }, tensors);
  return safetensorsParts(tensors, { ...metadata, optimizer: toJson(optimizer, tensors), checkpoint });
}

/** What `readCheckpoint` has read. */
export interface ReadCheckpoint {
  checkpoint: Checkpoint;
  metadata: Record<string, string>;
}

/**
 * Reads a checkpoint of a Learner like this one. @throws OnecycleError `bad_data` where it is another one's, or none
 */
export function readCheckpoint(learn: Learner, bytes: Uint8Array): ReadCheckpoint {
  const { tensors, metadata } = readSafetensors(bytes);
  const values = learn.names.map((name) => {
    const data = tensors.get(name)?.data;
    if (!(data instanceof Float32Array)) throw new OnecycleError('bad_data', `The checkpoint has no tensor ${name}`);
    return data;
  });
  if (!('optimizer' in metadata) || !('checkpoint' in metadata))
    throw new OnecycleError('bad_data', 'The file has parameters, but is not a checkpoint');
  // `checkpointFile` wrote both, and a checksum says that they are as written.
  const { counts, ...rest } = fromJson(metadata.checkpoint, tensors) as Omit<Checkpoint, 'snapshot'> & {
    counts: Omit<Checkpoint['snapshot'], 'values' | 'optimizer'>;
  };
  const optimizer = fromJson(metadata.optimizer, tensors) as Checkpoint['snapshot']['optimizer'];
  return { checkpoint: { ...rest, snapshot: { values, optimizer, ...counts } }, metadata };
}

/** JSON that leads back to the same bits: numbers that it has no word for by name, arrays of floats as tensors. */
function toJson(value: unknown, tensors: Map<string, Tensor>): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (part instanceof Float32Array) {
      const $tensor = `callback/${tensors.size}`;
      tensors.set($tensor, { shape: [part.length], data: part });
      return { $tensor };
    }
    if (typeof part !== 'number' || (Number.isFinite(part) && !Object.is(part, -0))) return part;
    return { $number: Object.is(part, -0) ? '-0' : String(part) };
  });
}

function fromJson(text: string, tensors: ReadonlyMap<string, Tensor>): unknown {
  return JSON.parse(text, (_key, part: unknown) => {
    if (!isObject(part)) return part;
    if (typeof part.$tensor === 'string') return tensors.get(part.$tensor)?.data;
    return typeof part.$number === 'string' ? Number(part.$number) : part;
  });
}
