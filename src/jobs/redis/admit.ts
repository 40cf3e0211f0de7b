/** Jobs that wait aside, for a group of theirs or their tenant's turn, come into the queue when there is room. */
import type { DeviceKind } from '../record.js';
import type { Client } from './client.js';
import { keys } from './keys.js';
import { lineOf, type Line } from './lines.js';
import type { Queues } from './queues.js';
import { settleFit } from './settle.js';

/** What jobs wait for with others. */
export interface Shared {
  /** Names: redis/scripts/concurrency.ts. */
  groups: readonly string[];
  tenant: string;
}

/**
 * Queues as many jobs of some groups, and then of a tenant, as now may be; where none waits there is nothing to do. `first`:
 * before others of their priority. Should this process end before they are in the queue, `reconcile` finds them.
 */
export async function admitJobs(
  redis: Client,
  queues: Queues,
  { groups, tenant }: Shared,
  first = false,
): Promise<void> {
  for (const group of groups) await queue(queues, await redis.admitJobs(0, group), first);
  await queue(queues, await redis.admitTurn(0, tenant), first);
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

/** Admits the jobs of every group and every tenant that some wait aside for. */
export async function admitAll(redis: Client, queues: Queues): Promise<void> {
  for (const group of await redis.smembers(keys.crowded)) await queue(queues, await redis.admitJobs(0, group));
  for (const tenant of await redis.smembers(keys.awaiting)) await queue(queues, await redis.admitTurn(0, tenant));
}

async function queue(queues: Queues, answer: unknown, next = false): Promise<void> {
  const admitted = answer as string[];
  for (let i = 0; i < admitted.length; i += 2) await queues.add(admitted[i] as Line, admitted[i + 1], { next });
}
