/** Reading records. */
import { decodeRecord, type Hash } from './fields.js';
import { keys } from './keys.js';
import type { JobRecord } from '../record.js';
import type { Client } from './client.js';

/** A job's record; null where there is no such job. */
export async function readRecord(redis: Client, id: string): Promise<JobRecord | null> {
  return decodeRecord(await redis.hgetall(keys.record(id)));
}

/** A hash as a script answers it: names and values by turns. */
export function hashOf(pairs: readonly string[]): Hash {
  const hash: Hash = {};
  for (let i = 0; i < pairs.length; i += 2) hash[pairs[i]] = pairs[i + 1];
  return hash;
}

/** The pools of those jobs that have one, by id. */
export async function readPools(redis: Client, ids: readonly string[]): Promise<Map<string, string>> {
  const fields = redis.pipeline();
  for (const id of ids) fields.hget(keys.record(id), '_pool');
  const pools = await answers<string | null>(fields);
  return new Map(ids.flatMap((id, i) => (pools[i] ? [[id, pools[i]] as const] : [])));
}

/** The answers of a pipeline whose commands must all have worked. */
export async function answers<T>(pipeline: {
  exec(): Promise<[error: Error | null, result: unknown][] | null>;
}): Promise<T[]> {
  return ((await pipeline.exec()) ?? []).map(([error, result]) => {
    if (error) throw error;
    return result as T;
  });
}
