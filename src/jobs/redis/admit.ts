/** Jobs that wait aside, for their concurrency key or their tenant's turn, come into the queue when there is room. */
import { defaultTenant } from '../../schema/tenant.js';
import type { DeviceKind } from '../record.js';
import type { Client } from './client.js';
import { keys } from './keys.js';
import { lineOf, type Line } from './lines.js';
import type { Queues } from './queues.js';
import { settleFit } from './settle.js';

/** What jobs wait for with others: as their records have it, null where that is missing. */
export interface Shared {
  concurrencyKey: string | null;
  tenant: string | null;
}

/**
 * Queues as many jobs of a key, and then of a tenant, as now may be; where none waits there is nothing to do. `first`:
 * before others of their priority. Should this process end before they are in the queue, `reconcile` finds them.
 */
export async function admitJobs(
  redis: Client,
  queues: Queues,
  { concurrencyKey, tenant }: Shared,
  first = false,
): Promise<void> {
  if (concurrencyKey !== null) await queue(queues, await redis.admitJobs(0, concurrencyKey), first);
  await queue(queues, await redis.admitTurn(0, tenant ?? defaultTenant), first);
}

/** A job's place is free: the fit that waits for it goes on, or ends, and others come in. `first` as `admitJobs` has it. */
export async function makeRoom(redis: Client, queues: Queues, id: string, first = false): Promise<void> {
  const names = [keys.record(id), keys.log(id)] as const;
  const [fit, admitted] = (await redis.makeRoom(2, ...names, '')) as [fit: string, admitted: string[]];
  if (fit === '') return queue(queues, admitted, first);
  // It has waited already: others come in behind it.
  await settleFit(redis, queues, fit);
  const [, others] = (await redis.makeRoom(2, ...names, 'settled')) as [fit: string, admitted: string[]];
  await queue(queues, others, first);
}

/** A job that waits no longer leaves its line, and its place. */
export async function leaveLine(redis: Client, queues: Queues, id: string): Promise<void> {
  const [kind, pool] = await redis.hmget(keys.record(id), '_kind', '_pool');
  await queues.remove(lineOf(kind as DeviceKind, pool), id);
  await makeRoom(redis, queues, id);
}

/** Admits the jobs of every key and every tenant that some wait aside for. */
export async function admitAll(redis: Client, queues: Queues): Promise<void> {
  for (const key of await redis.smembers(keys.crowded)) await queue(queues, await redis.admitJobs(0, key));
  for (const tenant of await redis.smembers(keys.awaiting)) await queue(queues, await redis.admitTurn(0, tenant));
}

async function queue(queues: Queues, answer: unknown, next = false): Promise<void> {
  const admitted = answer as string[];
  for (let i = 0; i < admitted.length; i += 2) await queues.add(admitted[i] as Line, admitted[i + 1], { next });
}
