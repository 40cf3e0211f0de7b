/** A job's log: a Redis Stream whose ids are the frames' numbers, `<seq>-1`; in storage once the job has ended. */
import { decodeEntry } from './entries.js';
import type { StoredLogs } from './stored-logs.js';
import type { StoredFrame } from '../frames.js';
import { keys } from '../redis/keys.js';
import type { Client } from '../redis/client.js';

/** Up to `count` stored frames from number `from` on. */
export async function readLog(
  redis: Client,
  stored: StoredLogs,
  id: string,
  from: number,
  count: number,
): Promise<StoredFrame[]> {
  const entries = await redis.xrange(keys.log(id), `${from}-0`, '+', 'COUNT', count);
  if (entries.length > 0) return entries.map(decodeEntry);
  const seq = Number(await redis.hget(keys.record(id), '_seq'));
  return from < seq ? stored.read(id, seq, from, count) : [];
}
