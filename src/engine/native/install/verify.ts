import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tensorflowVersion } from './installed.js';
import type { Computed } from './check.js';

const run = promisify(execFile);

/** What an engine that works has said of itself. */
export interface Verified {
  version: string;
  /** What it computed on. */
  device: 'cpu:0' | 'gpu:0';
}

/**
 * Has a child process load an addon and compute with it, since a bad one may end the process that loads it.
 * Throws an error of one plain line if the version or the values are not what they must be.
 */
export async function verifyAddon(addon: string, signal?: AbortSignal): Promise<Verified> {
  const script = fileURLToPath(new URL('check.js', import.meta.url));
  const { stdout } = await run(process.execPath, [script, addon], {
    timeout: 120_000,
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw new Error(`The engine does not load: ${reason(error)}`, { cause: error });
  });
  const { version, gpu, product, adam, batchNorm } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Computed;
  if (version !== tensorflowVersion) throw new Error(`The engine is TensorFlow ${version}, not ${tensorflowVersion}`);
  if (product.join() !== '19,22,43,50')
    throw new Error(`The engine computes wrongly: ${product.join()} is not 19,22,43,50`);
  if (adam !== null && Math.abs(adam - 1) > 1e-6)
    throw new Error(`The engine computes wrongly: a step of Adam gives ${adam}, not 1`);
  if (batchNorm !== null && batchNorm.join() !== '0,4')
    throw new Error(`The engine computes wrongly: batch norm with ReLU gives ${batchNorm.join()}, not 0,4`);
  return { version, device: gpu ? 'gpu:0' : 'cpu:0' };
}

function reason(error: unknown): string {
  const { stderr = '', signal, message } = error as { stderr?: string; signal?: string | null; message: string };
  if (signal) return `it was ended by ${signal}`;
  return (
    /^(?:\w*Error|OnecycleError.*|Caused by): (.*)$/m.exec(stderr)?.[0] ?? stderr.trim().split('\n').at(-1) ?? message
  );
}
