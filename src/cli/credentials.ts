/** Keys that `onecycle login` keeps: one per server, in a file that only its owner can read. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import envPaths from 'env-paths';

const file = (): string => join(envPaths('onecycle', { suffix: '' }).config, 'keys.json');

/** The key for a server; undefined where none is kept. */
export const keyFor = (url: string): string | undefined => read()[url];

/** Keeps a key for a server; undefined forgets it. */
export function keepKey(url: string, key: string | undefined): void {
  const path = file();
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, JSON.stringify({ ...read(), [url]: key }), {
    mode: 0o600,
  });
  renameSync(`${path}.new`, path);
}

function read(): Record<string, string | undefined> {
  const path = file();
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>) : {};
}
