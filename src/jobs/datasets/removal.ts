/** The files of deleted data sets are removed. Should who does it end midway, another one does it again. */
import { datasetId } from '../../request/uploads/record.js';
import type { Storage } from '../../storage/storage.js';
import { artifacts } from '../artifacts.js';
import type { Client } from '../redis/client.js';
import { keys } from '../redis/keys.js';

/** No removal takes longer; after so long another may begin. */
const removalSeconds = 600;
const perTurn = 20;

/** Removes what deletions have left; some of it, where it is much. */
export async function removeDatasetFiles(redis: Client, storage: Storage): Promise<void> {
  for (const sha256 of await redis.srandmember(keys.datasetLeftovers, perTurn)) {
    const id = datasetId(sha256);
    if ((await redis.beginRemoval(1, keys.dataset(id), id, sha256, removalSeconds)) !== 1) continue;
    await storage.remove(artifacts.upload(sha256));
    await redis.endRemoval(1, keys.dataset(id), id, sha256);
  }
}
