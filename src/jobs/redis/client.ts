/** Connections to Redis, with this folder's scripts as commands. */
import type { Cluster, Redis, RedisOptions } from 'ioredis';
import type { RedisAddress } from './address.js';
import { routeScripts } from './cluster.js';
import { connect } from './connect.js';
import { scripts } from './scripts/index.js';

export type { RedisAddress };

type Scripts = { [Name in keyof typeof scripts]: (keyCount: number, ...args: (string | number)[]) => Promise<unknown> };
/** A connection that knows the scripts: `client.takeJob(number of keys, …keys, …arguments)`. */
export type Client = (Redis | Cluster) & Scripts;

/** A command of the API that has no answer after so long has failed: the server may be stopped, not gone. */
const answerMs = 4000;

/**
 * What commands do while the server is away: wait for it (workers), fail after some tries or some seconds (a client of
 * the API wants an answer; such a connection is not for reads that block), or fail at once.
 */
const manners = {
  patient: { maxRetriesPerRequest: null },
  answering: { maxRetriesPerRequest: 3, commandTimeout: answerMs },
  // ioredis drops commands without a word where it does not send them again and sets no limit either.
  failing: { maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false },
} satisfies Record<string, RedisOptions>;

/** Opens a connection. It reconnects by itself. */
export function openRedis(address: RedisAddress, manner: keyof typeof manners): Client {
  const options: RedisOptions = { ...manners[manner], protocol: 2 };
  const client = connect(address, options, manner === 'patient');
  // ioredis says the same through every command that fails; without a listener it would print it as well.
  client.on('error', () => undefined);
  for (const [name, lua] of Object.entries(scripts)) client.defineCommand(name, { lua });
  if (client.isCluster) routeScripts(client, Object.keys(scripts));
  return client as Client;
}

/** Has each command of a connection told, with the seconds that it took and whether it was answered without an error. */
export function timeCommands(client: Client, hear: (seconds: number, answered: boolean) => void): void {
  const send: Redis['sendCommand'] = client.sendCommand.bind(client);
  // A cluster's takes one more argument, which is of ioredis' own.
  client.sendCommand = (command: Parameters<typeof send>[0], ...more: [Parameters<typeof send>[1]?]) => {
    const began = performance.now();
    const tell = (answered: boolean) => () => hear((performance.now() - began) / 1000, answered);
    // The one who sent it hears of its failure as well.
    command.promise.then(tell(true), tell(false));
    return send(command, ...more);
  };
}
