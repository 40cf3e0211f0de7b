import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';

/** Longest path of a unix socket, in bytes: the field of the address, less its closing zero. */
const longestBytes = process.platform === 'darwin' ? 103 : 107;

/**
 * The socket of the server of a data folder: in it, or where its path would be too long, below /tmp under a name made
 * from the path (not the TMPDIR of the moment, so that the next start looks in the same place). The folder there is
 * ours alone.
 */
export function socketPath(folder: string): string {
  const path = join(folder, 'valkey.sock');
  if (Buffer.byteLength(path) <= longestBytes) return path;
  const short = join('/tmp', `onecycle-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`);
  mkdirSync(short, { recursive: true, mode: 0o700 });
  if (lstatSync(short).uid !== process.getuid?.()) throw new Error(`${short} belongs to another user`);
  return join(short, 'valkey.sock');
}

/** Whether a server answers at a socket, and whether it has loaded its data. */
export type Answer = 'ready' | 'loading' | 'silent';

/** Asks the server at a socket whether it is ready. While it loads its append-only file it is not. */
export const ping = (path: string): Promise<Answer> =>
  once(path, (client) => client.ping()).then(
    () => 'ready',
    (error: unknown) => (/^(LOADING|BUSY)/.test((error as Error).message) ? 'loading' : 'silent'),
  );

/** The process that answers at a socket. */
export async function pidOf(path: string): Promise<number> {
  const info = await once(path, (client) => client.info('server'));
  return Number(/^process_id:(\d+)/m.exec(info)?.[1]);
}

/** Changes a setting of the server that runs. */
export const configure = (path: string, name: string, value: string): Promise<void> =>
  once(path, async (client) => {
    await client.config('SET', name, value);
  });

/** Asks the server to write what it has and to end. It closes the connection in place of an answer. */
export const shutdown = (path: string): Promise<void> =>
  once(path, async (client) => {
    await client.shutdown();
  }).catch(() => undefined);

/** One command on a connection of its own, which does not reconnect. */
async function once<T>(path: string, command: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis({
    path,
    protocol: 2,
    lazyConnect: true,
    enableReadyCheck: false, // it would wait until loading is over
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: 2000,
    commandTimeout: 2000,
    disconnectTimeout: 50, // its timer outlives a server that is gone, and would keep this process that long
  });
  client.on('error', () => undefined); // the command's promise says the same
  try {
    await client.connect();
    return await command(client);
  } finally {
    client.disconnect();
  }
}
