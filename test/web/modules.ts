/** Modules of the dashboard, bundled as they are for the page: those that need no browser can be called here. */
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../e2e/harness.js';

/** Loads a module by its path below `web/src`. */
export async function webModule<T>(path: string): Promise<T> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'web/src', path)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
  });
  return (await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)) as T;
}
