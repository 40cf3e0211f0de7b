/** Posted models: kept by what the file holds, so that the same one twice is stored once. */
import { join } from 'node:path';
import { OnecycleError } from '../errors.js';
import type { StoredModel } from '../request/spec.js';
import { asDiskFull } from '../storage/disk-full.js';
import type { Storage } from '../storage/storage.js';
import { artifacts } from './artifacts.js';
import type { PostedModelRecord } from './model-record.js';
import type { Client } from './redis/client.js';
import { keys } from './redis/keys.js';

const notFound = (id: string): OnecycleError => new OnecycleError('model_not_found', `There is no model ${id}.`);

/** A file that has come in. */
interface Upload {
  /** Where the file lies, and where there is room to work. */
  folder: string;
  file: string;
  sha256: string;
  bytes: number;
  name: string | undefined;
}

/**
 * Takes a file in. `created` is false where the same file is there already.
 * @throws OnecycleError `invalid_model`, `disk_full`
 */
export async function addModel(
  redis: Client,
  storage: Storage,
  { folder, file, sha256, bytes, name }: Upload,
): Promise<{ model: PostedModelRecord; created: boolean }> {
  const id = `mdl_${sha256.slice(0, 24)}`;
  const known = await readModel(redis, id);
  if (known) return { model: known, created: false };
  const weights = join(folder, 'weights.safetensors');
  // It brings in the readers of all formats, which the API starts without.
  const { importModel } = await import('../models/formats/model-file.js');
  const { format, layers, tensors, unsupported, notes } = await importModel(file, weights).catch((error: unknown) => {
    throw asDiskFull(error);
  });
  if (unsupported.length === 0) await storage.put(artifacts.model(sha256), { file: weights });
  const model: PostedModelRecord = {
    id,
    object: 'model',
    name: name ?? id,
    format,
    bytes,
    sha256,
    created_at: new Date().toISOString(),
    layers: layers ?? [],
    tensors: tensors.map((tensor) => ({ name: tensor.name, shape: [...tensor.shape] })),
    unsupported,
    notes,
  };
  await redis.hset(keys.models, id, JSON.stringify(model));
  return { model, created: true };
}

/** What is told of a model; null where there is none. */
async function readModel(redis: Client, id: string): Promise<PostedModelRecord | null> {
  const json = await redis.hget(keys.models, id);
  // Only `addModel` writes them.
  return json === null ? null : (JSON.parse(json) as PostedModelRecord);
}

/** @throws OnecycleError `model_not_found` */
export async function existingModel(redis: Client, id: string): Promise<PostedModelRecord> {
  const model = await readModel(redis, id);
  if (!model) throw notFound(id);
  return model;
}

/** Newest first. */
export async function listModels(redis: Client): Promise<PostedModelRecord[]> {
  const models = (await redis.hvals(keys.models)).map((json) => JSON.parse(json) as PostedModelRecord);
  return models.sort((a, b) => b.created_at.localeCompare(a.created_at));
}

/** A model as a request looks at it; null where there is none, or none that can be used. */
export async function modelForJob(redis: Client, id: string): Promise<StoredModel | null> {
  const model = await readModel(redis, id);
  if (!model || model.unsupported.length > 0) return null;
  const { sha256, layers, tensors } = model;
  return { id, sha256, layers: layers.length > 0 ? layers : null, tensors };
}

/** Sees to it that a model stays while a job needs it that has not ended. @throws OnecycleError `conflict`: it is gone */
export async function useModel(redis: Client, id: string, job: string): Promise<void> {
  if ((await redis.useModel(2, keys.models, keys.modelUsers(id), id, job)) !== 1)
    throw new OnecycleError('conflict', `The model ${id} no longer exists.`);
}

/** @throws OnecycleError `model_not_found`, `model_in_use` */
export async function removeModel(redis: Client, storage: Storage, id: string): Promise<void> {
  const [answer, what] = (await redis.removeModel(2, keys.models, keys.modelUsers(id), id)) as [string, string];
  if (answer === 'missing') throw notFound(id);
  if (answer === 'used') throw new OnecycleError('model_in_use', `The unfinished job ${what} needs the model ${id}.`);
  const { sha256 } = JSON.parse(what) as PostedModelRecord;
  await storage.remove(artifacts.modelFolder(sha256));
}
