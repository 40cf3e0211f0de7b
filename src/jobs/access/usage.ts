/** What API keys take of the service. */
import type { Client } from '../redis/client.js';
import { groupOfKey, keys } from '../redis/keys.js';
import { answers } from '../redis/records.js';
import type { ApiKey } from './api-key.js';

/** Of each of these keys, in their order. */
export async function usageOf(redis: Client, ids: readonly string[]): Promise<ApiKey['usage'][]> {
  const pipeline = redis.pipeline();
  for (const id of ids)
    pipeline
      .scard(keys.queuedBy(id))
      .scard(keys.sharing('running', groupOfKey(id)))
      .hget(keys.keyBytes, id);
  const found = await answers<string | number | null>(pipeline);
  return ids.map((_, i) => {
    const [queued, running, bytes] = found.slice(3 * i, 3 * i + 3).map(Number);
    return { queued, running, stored_bytes: Math.max(0, bytes) };
  });
}
