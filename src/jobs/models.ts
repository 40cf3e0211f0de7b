/** Posted models: kept by what the file holds, so that the same one twice is stored once. */
import { join } from 'node:path';
import { OnecycleError } from '../errors.js';
import type { StoredModel } from '../request/spec.js';
import { asDiskFull } from '../storage/disk-full.js';
import type { Storage } from '../storage/storage.js';
import { defaultTenant } from '../schema/tenant.js';
import { ownHash } from '../request/uploads/record.js';
import { artifacts } from './artifacts.js';
import { ownerValues, storageFull, type Owner } from './quota.js';
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

type Stored = PostedModelRecord & { tenant: string; key?: string | null };

/** What is stored of a model; those of earlier versions are the default tenant's. Only `addModel` writes them. */
const decode = (json: string): Stored => ({ tenant: defaultTenant, ...(JSON.parse(json) as PostedModelRecord) });

/** The id of a tenant's model of a file. */
const idOf = (sha256: string, tenant: string): string => `mdl_${ownHash(sha256, tenant).slice(0, 24)}`;

/**
 * Takes a file in. `created` is false where the same file is there already.
 * @throws OnecycleError `invalid_model`, `disk_full`
 */
export async function addModel(
  redis: Client,
  storage: Storage,
  { folder, file, sha256, bytes, name }: Upload,
  owner: Owner,
): Promise<{ model: PostedModelRecord; created: boolean }> {
  const { tenant, key } = owner;
  const id = idOf(sha256, tenant);
  const known = await readModel(redis, id);
  if (known) return { model: publicOf(known), created: false };
  const weights = join(folder, 'weights.safetensors');
  // It brings in the readers of all formats, which the API starts without.
  const { importModel } = await import('../models/formats/model-file.js');
  const { format, layers, tensors, unsupported, notes } = await importModel(file, weights).catch((error: unknown) => {
    throw asDiskFull(error);
  });
  // Who deletes another tenant's model of this file leaves the file from here on.
  await redis.sadd(keys.modelHolders(sha256), id);
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
  const stored: Stored = { ...model, tenant, key };
  const names = [keys.models, keys.tenantBytes, keys.keyBytes];
  const values = [id, JSON.stringify(stored), bytes, ...ownerValues(owner)];
  const answer = (await redis.storeModel(3, ...names, ...values)) as 'stored' | 'tenant' | 'key';
  if (answer !== 'stored') {
    await removeFile(redis, storage, id, sha256);
    throw storageFull(answer, owner);
  }
  return { model, created: true };
}

/** The file goes with the last tenant's model of it. */
async function removeFile(redis: Client, storage: Storage, id: string, sha256: string): Promise<void> {
  await redis.srem(keys.modelHolders(sha256), id);
  const others =
    (await redis.scard(keys.modelHolders(sha256))) + (await redis.hexists(keys.models, idOf(sha256, defaultTenant)));
  if (others === 0) await storage.remove(artifacts.modelFolder(sha256));
}

const publicOf = ({ tenant: _tenant, key: _key, ...model }: Stored): PostedModelRecord => model;

/** What is told of a model; null where there is none. */
async function readModel(redis: Client, id: string): Promise<Stored | null> {
  const json = await redis.hget(keys.models, id);
  return json === null ? null : decode(json);
}

/** Whose a model is; null where there is none. */
export async function tenantOfModel(redis: Client, id: string): Promise<string | null> {
  return (await readModel(redis, id))?.tenant ?? null;
}

/** @throws OnecycleError `model_not_found` */
export async function existingModel(redis: Client, id: string): Promise<PostedModelRecord> {
  const model = await readModel(redis, id);
  if (!model) throw notFound(id);
  return publicOf(model);
}

/** Newest first. */
export async function listModels(redis: Client, tenant: string): Promise<PostedModelRecord[]> {
  const models = (await redis.hvals(keys.models)).map(decode);
  const own = models.filter((model) => model.tenant === tenant).map(publicOf);
  return own.sort((a, b) => b.created_at.localeCompare(a.created_at));
}

/** A model as a request looks at it; null where there is none, or none that can be used. */
export async function modelForJob(redis: Client, id: string, tenant: string): Promise<StoredModel | null> {
  const model = await readModel(redis, id);
  if (!model || model.tenant !== tenant || model.unsupported.length > 0) return null;
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
  const names = [keys.models, keys.modelUsers(id), keys.tenantBytes, keys.keyBytes];
  const [answer, what] = (await redis.removeModel(4, ...names, id)) as [string, string];
  if (answer === 'missing') throw notFound(id);
  if (answer === 'used') throw new OnecycleError('model_in_use', `The unfinished job ${what} needs the model ${id}.`);
  await removeFile(redis, storage, id, decode(what).sha256);
}
