/** The embedded server: a real Valkey on a unix socket in the data folder, started and stopped with the service. */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { BaseLogger } from 'pino';
import type { OnProgress } from '../download/progress.js';
import { findServer } from './find.js';
import { lockFolder } from './lock.js';
import { EmbeddedServer } from './server.js';

/** Where the server's data are, and who hears of it. */
export interface ValkeyOptions {
  dataDir: string;
  /** Progress of fetching a server, where this machine has none. */
  onProgress?: OnProgress;
  log?: Pick<BaseLogger, 'info' | 'warn' | 'error'>;
  signal?: AbortSignal;
}

/** A server that answers. */
export interface Valkey {
  /** Where to connect to: the server's unix socket. */
  redis: { path: string };
  /** Whether it was left over from a service that was killed, and taken on. */
  adopted: boolean;
  /**
   * Ends the server, all it holds written, and returns when its process is gone. Call it last, after all clients are
   * closed.
   */
  stop: () => Promise<void>;
}

/**
 * Starts the embedded Valkey of a data folder, or adopts the one that a killed service left; returns once it answers.
 * Throws `valkey_not_found`, `data_folder_in_use` (another service runs on the folder), or `valkey_failed`.
 */
export async function startValkey(options: ValkeyOptions): Promise<Valkey> {
  const { onProgress = () => undefined, signal } = options;
  const log = options.log ?? silent;
  const folder = join(resolve(options.dataDir), 'valkey');
  await mkdir(folder, { recursive: true });
  let lost = false;
  const release = await lockFolder(folder, (error) => {
    // The folder and its server belong to another service now: this one ends, and leaves the server alone.
    lost = true;
    log.error({ err: error }, `another service took the data folder ${folder}`);
    process.kill(process.pid, 'SIGTERM');
  });
  try {
    const server = new EmbeddedServer(folder, await findServer(folder, onProgress, signal), log);
    const adopted = await server.start();
    return {
      redis: { path: server.socket },
      adopted,
      stop: async () => {
        await server.stop({ leave: lost });
        if (!lost) await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
