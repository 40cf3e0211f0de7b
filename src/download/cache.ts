import { resolve } from 'node:path';
import envPaths from 'env-paths';

/** Where downloaded and compiled things are kept: `ONECYCLE_CACHE_DIR`, else the platform's cache folder. */
export const cacheFolder = (): string =>
  resolve(process.env.ONECYCLE_CACHE_DIR || envPaths('onecycle', { suffix: '' }).cache);
