/** Uploaded data sets, as the API sees them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { OnecycleError } from '../../errors.js';
import { defaultTenant } from '../../schema/tenant.js';
import { datasetId, type DatasetRecord } from '../../request/uploads/record.js';
import type { Storage } from '../../storage/storage.js';
import { answered } from '../answered.js';
import { artifacts } from '../artifacts.js';
import { ownerValues, storageFull, type Owner } from '../quota.js';
import type { Client } from '../redis/client.js';
import { keys, newToken } from '../redis/keys.js';
import { answers } from '../redis/records.js';
import { workFolders } from '../work-folders.js';
import { removeDatasetFiles } from './removal.js';

/** As long as nobody has said for so long that it goes on, an upload counts as given up. */
const uploadSeconds = 120;
const beatMs = 30_000;
/** Storing files takes no longer. */
const claimSeconds = 1800;
const removalWaitMs = 20_000;

/** A place for a file that is being uploaded. */
export interface UploadPlace {
  /** A folder of storage's on this machine. */
  folder: string;
  /** Removes it with all that is still in it. */
  release(): Promise<void>;
}

/** What is stored of an upload: paths of files that storage takes over. */
export interface UploadFiles {
  file: string;
  profile: string;
  /** Of images. */
  listing?: string;
  thumbnails: string[];
}

/** Stores, reads, lists and deletes them. */
export class Datasets {
  constructor(
    private readonly redis: Client,
    private readonly storage: Storage,
  ) {}

  /** A place to receive an upload in; nobody sweeps it before it is released, or this process is gone. */
  async place(): Promise<UploadPlace> {
    const token = newToken();
    const beat = () => this.redis.set(keys.upload(token), 1, 'EX', uploadSeconds);
    await answered(beat);
    const timer = setInterval(() => void beat().catch(() => undefined), beatMs).unref();
    const name = workFolders.upload(token);
    const release = async (): Promise<void> => {
      clearInterval(timer);
      await this.storage.removeWorkFolder(name);
      await this.redis.del(keys.upload(token)).catch(() => 0);
    };
    try {
      return { folder: await this.storage.workFolder(name), release };
    } catch (error) {
      await release();
      throw error;
    }
  }

  /**
   * Stores a file with what was found in it, and then its record.
   * @returns whether it is new; where the same content was there, what was found takes the place of what was known.
   * @throws OnecycleError `unavailable`, `disk_full`, `storage_full`
   */
  store(record: DatasetRecord, { file, profile, listing, thumbnails }: UploadFiles, owner: Owner): Promise<boolean> {
    const { tenant } = owner;
    const { id, sha256, bytes } = record;
    return answered(() =>
      this.#claimed(datasetId(sha256), async () => {
        if (!(await this.storage.exists(artifacts.uploadFile(sha256))))
          await this.storage.put(artifacts.uploadFile(sha256), { file });
        for (const [n, path] of thumbnails.entries())
          await this.storage.put(artifacts.thumbnail(sha256, n), { file: path });
        if (listing !== undefined) await this.storage.put(artifacts.uploadListing(sha256), { file: listing });
        await this.storage.put(artifacts.uploadProfile(sha256, tenant), { file: profile });
        const values = [id, JSON.stringify(record), datasetId(sha256), bytes, ...ownerValues(owner)];
        const answer = (await this.redis.storeDataset(4, ...names(id, tenant), ...values)) as
          'new' | 'known' | 'tenant' | 'key';
        if (answer === 'tenant' || answer === 'key') throw storageFull(answer, owner);
        return answer === 'new';
      }),
    );
  }

  /** A tenant's data set of such content; null where there is none. */
  ofContent(sha256: string, tenant: string): Promise<DatasetRecord | null> {
    return this.get(datasetId(sha256, tenant), tenant);
  }

  /** Whose a data set is; null where there is none. */
  tenantOf(id: string): Promise<string | null> {
    return answered(async () => {
      const [json, owner] = await this.redis.hmget(keys.dataset(id), 'json', 'tenant');
      return json === null ? null : (owner ?? defaultTenant);
    });
  }

  /** null where the tenant has no such data set. */
  get(id: string, tenant: string): Promise<DatasetRecord | null> {
    return answered(async () => {
      const [json, owner] = await this.redis.hmget(keys.dataset(id), 'json', 'tenant');
      return (owner ?? defaultTenant) === tenant ? decode(json) : null;
    });
  }

  /** @throws OnecycleError `dataset_not_found` */
  async existing(id: string, tenant: string): Promise<DatasetRecord> {
    const record = await this.get(id, tenant);
    if (!record) throw notFound(id);
    return record;
  }

  /** A tenant's, newest first. @throws OnecycleError `invalid_request` where `after` is none of them */
  list(
    { limit, after }: { limit: number; after?: string },
    tenant: string,
  ): Promise<{ data: DatasetRecord[]; has_more: boolean }> {
    return answered(async () => {
      const all = keys.datasets(tenant);
      const order = after === undefined ? '+inf' : await this.redis.zscore(all, after);
      if (order === null)
        throw new OnecycleError('invalid_request', `There is no data set ${after ?? ''} to list from.`);
      const ids = await this.redis.zrevrangebyscore(all, `(${order}`, '-inf', 'LIMIT', 0, limit + 1);
      const pipeline = this.redis.pipeline();
      for (const id of ids.slice(0, limit)) pipeline.hget(keys.dataset(id), 'json');
      const found = (await answers<string | null>(pipeline)).map(decode);
      return { data: found.filter((record) => record !== null), has_more: ids.length > limit };
    });
  }

  /**
   * Deletes a data set. Models that were trained on it stay.
   * @throws OnecycleError `dataset_not_found`, `dataset_in_use` while a job that has not ended needs it
   */
  remove(id: string, tenant: string): Promise<void> {
    return answered(async () => {
      const { sha256, bytes } = await this.existing(id, tenant);
      const values = [id, sha256, datasetId(sha256), tenant, bytes];
      const [answer, job] = (await this.redis.removeDataset(4, ...names(id, tenant), ...values)) as [string, string?];
      if (answer === 'missing') throw notFound(id);
      if (answer === 'needed')
        throw new OnecycleError('dataset_in_use', `Job ${job ?? ''} needs the data set ${id}: cancel it first.`);
      // It is gone, whatever becomes of this; a worker's tidying does the rest.
      const own = tenant === defaultTenant ? undefined : artifacts.uploadProfile(sha256, tenant);
      if (own !== undefined) await this.storage.remove(own).catch(() => undefined);
      await removeDatasetFiles(this.redis, this.storage).catch(() => undefined);
    });
  }

  async #claimed<T>(id: string, store: () => Promise<T>): Promise<T> {
    const token = newToken();
    const deadline = Date.now() + removalWaitMs;
    while ((await this.redis.claimDataset(1, keys.dataset(id), id, token, claimSeconds)) !== 1) {
      if (Date.now() > deadline)
        throw new OnecycleError(
          'unavailable',
          'The same content is being deleted right now. Send the file again later.',
        );
      await sleep(100);
    }
    try {
      return await store();
    } finally {
      await this.redis.releaseDataset(1, keys.dataset(id), id, token).catch(() => 0);
    }
  }
}

const names = (id: string, tenant: string) => [
  keys.dataset(id),
  keys.datasets(tenant),
  keys.tenantBytes,
  keys.keyBytes,
];

const notFound = (id: string): OnecycleError => new OnecycleError('dataset_not_found', `There is no data set ${id}.`);

// Only `store` writes these.
const decode = (json: string | null): DatasetRecord | null =>
  json === null ? null : (JSON.parse(json) as DatasetRecord);
