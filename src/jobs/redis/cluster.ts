/**
 * All of onecycle's keys lie in one slot of a cluster, so that scripts may touch any of them: a cluster gives
 * fail-over, not more room.
 */
import type { Cluster, Redis } from 'ioredis';
import { keyRoot } from './keys.js';

/** The slot of `{onecycle}`, as CLUSTER KEYSLOT says it. */
export const rootSlot = 16258;

const isCluster = (client: Redis | Cluster): client is Cluster => client.isCluster;

/** The connection to the server that has the keys; null where a cluster has not been asked yet who that is. */
export function holderOf(client: Redis | Cluster): Redis | null {
  if (!isCluster(client)) return client;
  const address = client.slots[rootSlot]?.[0];
  return client.nodes('master').find(({ options: { host, port } }) => `${host}:${port}` === address) ?? null;
}

type Command = (keyCount: number, ...args: (string | number)[]) => Promise<unknown>;

/** Commands without a key would go to any server: these get one, so that they go to the one that has the keys. */
export function routeScripts(client: object, names: readonly string[]): void {
  for (const name of names) {
    const send = Reflect.get(client, name) as Command;
    const routed: Command = (keyCount, ...args) =>
      keyCount === 0 ? send.call(client, 1, keyRoot, ...args) : send.call(client, keyCount, ...args);
    Object.assign(client, { [name]: routed });
  }
}
