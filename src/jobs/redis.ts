/** Connections to Redis, with this folder's scripts as commands. */
import { Redis, type RedisOptions } from 'ioredis';
import { scripts } from './scripts.js';

/** A URL, or the unix socket of the embedded server. */
export type RedisAddress = string | { path: string };

type Scripts = { [Name in keyof typeof scripts]: (keyCount: number, ...args: (string | number)[]) => Promise<unknown> };
export type Client = Redis & Scripts;

/**
 * Opens a connection. It reconnects by itself; `patient` commands wait for that however long it takes (workers, blocking reads),
 * others fail after a few tries, so that a client of the API gets an answer. `resend`: what had no answer is sent again.
 */
export function openRedis(address: RedisAddress, { patient, resend = true }: { patient: boolean; resend?: boolean }): Client {
  const options: RedisOptions = {
    protocol: 2,
    maxRetriesPerRequest: patient ? null : 3,
    autoResendUnfulfilledCommands: resend,
    retryStrategy: (times) => Math.min(50 * 2 ** times, 1000),
  };
  const client = typeof address === 'string' ? new Redis(address, options) : new Redis({ ...options, path: address.path });
  // ioredis says the same through every command that fails; without a listener it would print it as well.
  client.on('error', () => undefined);
  for (const [name, lua] of Object.entries(scripts)) client.defineCommand(name, { lua });
  return client as Client;
}
