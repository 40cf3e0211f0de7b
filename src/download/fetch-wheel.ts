/** Wheels from the index that pip would use: no Python is needed for that. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchFile } from './fetch-file.js';
import { type Get, httpClient, reasonOf, withoutCredentials } from './http.js';
import { findWheel } from './package-index.js';
import { type PipSettings, pipSettings } from './pip-settings.js';
import type { OnProgress } from './progress.js';
import { type Wheel, wheelName } from './wheel.js';

/**
 * Fetches one wheel into `folder`, from the first of pip's indexes that has it with its hash, and returns its path.
 * @throws Error of one plain line: what was tried, and how to fix it. No credentials stand in it.
 */
export async function fetchWheel(
  wheel: Wheel,
  folder: string,
  onProgress: OnProgress,
  signal?: AbortSignal,
  settings: PipSettings = pipSettings(),
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const what = wheelName(wheel.file);
  onProgress({ step: 'download', what });
  const path = join(folder, wheel.file);
  const get = httpClient(settings.cert);
  const reasons: string[] = [];
  for (const index of settings.indexes) {
    try {
      const url = await found(get, index, wheel, signal);
      const onBytes = (done: number, total?: number) =>
        onProgress({ step: 'download', what, done, ...(total !== undefined && { total }) });
      await fetchFile(get, path, { url, sha256: wheel.sha256, onBytes, signal }).catch((error: unknown) => {
        throw new Error(`${withoutCredentials(url)}: ${reasonOf(error)}`, { cause: error });
      });
      return path;
    } catch (error) {
      signal?.throwIfAborted();
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(
    `${wheel.file} could not be fetched: ${reasons.join('; ')}. ` +
      'Check the network (HTTPS_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS), or set PIP_INDEX_URL to an index that has it.',
  );
}

/** Says of an index that cannot be reached which one it is. */
async function found(get: Get, index: string, wheel: Wheel, signal?: AbortSignal): Promise<string> {
  try {
    return await findWheel(get, index, wheel, signal);
  } catch (error) {
    const said = error instanceof Error && error.cause === undefined && !(error instanceof TypeError);
    throw said ? error : new Error(`${shown(index)} cannot be reached: ${reasonOf(error)}`, { cause: error });
  }
}

/** An index as users may see it; what is no URL at all may hold a password anywhere. */
const shown = (index: string): string =>
  URL.canParse(index) ? withoutCredentials(index) : 'an index that is not a URL';
