import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tensorflowVersion } from './installed.js';
import { nvidiaDriver } from './nvidia.js';
import type { Computed } from './check.js';

const run = promisify(execFile);

/** What an engine that works has said of itself. */
export interface Verified {
  version: string;
  /** What it computed on. */
  device: 'cpu:0' | 'gpu:0';
  /** Why that is not the card of a machine with NVIDIA's driver; null where it is, or has no such driver. */
  unusedCard: string | null;
}

/**
 * Has a child process load an addon and compute with it, since a bad one may end the process that loads it.
 * Throws an error of one plain line if the version or the values are not what they must be.
 */
export async function verifyAddon(addon: string, signal?: AbortSignal): Promise<Verified> {
  const script = fileURLToPath(new URL('check.js', import.meta.url));
  const { stdout, stderr } = await run(process.execPath, [script, addon], {
    timeout: 120_000,
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '0', TF_CPP_VMODULE: 'dso_loader=1' },
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
  const device = gpu ? 'gpu:0' : 'cpu:0';
  return { version, device, unusedCard: gpu || nvidiaDriver() === null ? null : whyNoCard(stderr) };
}

/** What TensorFlow's log says of why it leaves a card alone: the library that it cannot open, else its first complaint. */
export function whyNoCard(log: string): string {
  const said = (pattern: RegExp): string | undefined => pattern.exec(log)?.[1];
  return (
    said(/(Could not load dynamic library '.*?'(?:; dlerror: [^;\n]*)?)/) ??
    said(/^[EW]\S* .*?\] (.*(?:CUDA|cuda|GPU|gpu).*)$/m) ??
    'TensorFlow does not say why'
  );
}

function reason(error: unknown): string {
  const { stderr = '', signal, message } = error as { stderr?: string; signal?: string | null; message: string };
  if (signal) return `it was ended by ${signal}`;
  return (
    /^(?:\w*Error|OnecycleError.*|Caused by): (.*)$/m.exec(stderr)?.[0] ?? stderr.trim().split('\n').at(-1) ?? message
  );
}
