/** A job's log: a Redis Stream whose ids are the frames' numbers, `<seq>-1`; in storage once the job has ended. */
import type { Storage } from '../../storage/storage.js';
import { artifacts } from '../artifacts.js';
import { decodeEntry } from './entries.js';
import { LogFile } from './log-file.js';
import type { StoredFrame } from '../frames.js';
import { keys } from '../redis/keys.js';
import type { Client } from '../redis/client.js';

/** Up to `count` stored frames from number `from` on. */
export async function readLog(
  redis: Client,
  storage: Storage,
  id: string,
  from: number,
  count: number,
): Promise<StoredFrame[]> {
  const entries = await redis.xrange(keys.log(id), `${from}-0`, '+', 'COUNT', count);
  if (entries.length > 0) return entries.map(decodeEntry);
  const seq = Number(await redis.hget(keys.record(id), '_seq'));
  const file = from < seq ? await LogFile.open(storage, artifacts.log(id)) : null;
  return file ? file.read(from, count) : [];
}

/**
 * The number of a frame that no frame with this iteration, or a later one, comes before; where the log has been stored,
 * one close to it.
 */
export const seqBefore = async (storage: Storage, id: string, iteration: number): Promise<number> =>
  iteration === 0 ? 0 : ((await LogFile.open(storage, artifacts.log(id)))?.before(iteration) ?? 0);
