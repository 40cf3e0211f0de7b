import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Entry } from './limits.js';

/** The files below a folder, as if they lay in an archive. Links are followed. */
export async function* folderEntries(folder: string): AsyncGenerator<Entry> {
  const paths = (await readdir(folder, { recursive: true })).sort();
  for (const path of paths) {
    const file = join(folder, path);
    const status = await stat(file);
    if (!status.isFile()) continue;
    yield { name: relative(folder, file).split(sep).join('/'), bytes: status.size, read: () => readFile(file) };
  }
}
