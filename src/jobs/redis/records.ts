/** Reading records. */
import { decodeRecord } from './fields.js';
import { keys } from './keys.js';
import type { JobRecord, JobStatus, JobType } from '../record.js';
import type { Client } from './client.js';

/** A job's record; null where there is no such job. */
export async function readRecord(redis: Client, id: string): Promise<JobRecord | null> {
  return decodeRecord(await redis.hgetall(keys.record(id)));
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

/** Which records are listed. */
export interface ListOptions {
  status?: JobStatus;
  type?: JobType;
  limit: number;
  /** The last job of the page before. */
  after?: string;
}

/** Records looked at in one go; only a `type` makes some of them fall out again. */
const pageRecords = 100;

/**
 * Newest first; `order` is where the page before ended. Reads one more than asked for, to know whether there are more.
 */
export async function readPage(
  redis: Client,
  { status, type, limit }: ListOptions,
  order: string,
): Promise<{ data: JobRecord[]; has_more: boolean }> {
  const data: JobRecord[] = [];
  let below = order;
  while (data.length <= limit) {
    const found = await redis.zrevrangebyscore(
      keys.index(status),
      `(${below}`,
      '-inf',
      'WITHSCORES',
      'LIMIT',
      0,
      Math.min(pageRecords, limit + 1),
    );
    if (found.length === 0) break;
    below = found.at(-1)!;
    const ids = found.filter((_, i) => i % 2 === 0);
    const pipeline = redis.pipeline();
    for (const id of ids) pipeline.hgetall(keys.record(id));
    const records = (await answers<Record<string, string>>(pipeline)).map(decodeRecord);
    // A job may have changed its status since the index was read.
    data.push(
      ...records
        .filter((record) => record !== null)
        .filter((each) => (!status || each.status === status) && (!type || each.type === type)),
    );
  }
  return { data: data.slice(0, limit), has_more: data.length > limit };
}
