/** Which native engines lie in the cache. Light on imports: `onecycle up` asks at every start. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../../config.js';
import { nvidiaDriver } from './nvidia.js';

/** The release of TensorFlow that is installed. */
export const tensorflowVersion = '2.21.0';
/** Version of Node-API that the addon is compiled for. */
export const napiVersion = 8;

/** For the processor alone, or for NVIDIA's cards as well. */
export type Variant = 'cpu' | 'cuda';

/** What an install writes last into its folder: what it is, and what its files were when it was checked. */
export interface Manifest {
  version: string;
  variant: Variant;
  /** Bytes, by path. */
  files: Record<string, number>;
  /** The hash of what was compiled here; what was unpacked had its hash checked before that. */
  addonSha256: string;
}

/** A native engine that is installed. */
export interface NativeEngine {
  /** The compiled addon; its libraries lie beside it. */
  addon: string;
  folder: string;
  /** TensorFlow's version. */
  version: string;
  variant: Variant;
}

/** File name of the addon in an engine's folder. */
export const addonName = 'tfjs_binding.node';
/** File name of what an engine's folder says of itself. */
export const manifestName = 'engine.json';

/** NVIDIA's cuSOLVER in an engine with CUDA, and the link by which TensorFlow finds it (see index.ts). */
export const cusolver = {
  library: 'nvidia/cusolver/lib/libcusolver.so.11',
  link: 'nvidia/cusparse/lib/libcusolver.so.11',
} as const;

/** A folder of this checkout or package. This file runs as `dist/src/engine/native/install/installed.js`. */
const ownFolder = (path: string): string => fileURLToPath(new URL(`../../../../../${path}`, import.meta.url));

/**
 * TensorFlow.js's backend for native TensorFlow: the folder of its kernels and of its addon's sources, and their
 * version.
 */
export function addonPackage(): { folder: string; version: string } {
  const folder = ownFolder('vendor/tfjs-node-gpu');
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return { folder, version };
}

/** Our own sources of the addon: ops, and what keeps signals away from them; also what these include. */
function ownSources(): string[] {
  const folder = ownFolder('src/engine/native/addon');
  return readdirSync(folder)
    .sort()
    .map((file) => join(folder, file));
}

/** Those that are compiled. */
export const addonSources = (): string[] => ownSources().filter((file) => file.endsWith('.cc'));

const sourcesVersion = (): string =>
  createHash('sha256')
    .update(
      ownSources()
        .map((file) => readFileSync(file, 'utf8'))
        .join(''),
    )
    .digest('hex')
    .slice(0, 8);

/**
 * An engine's folder in the cache. Its name says all that it depends on, so that a new release installs beside an old
 * one.
 */
export const engineFolder = (variant: Variant): string =>
  join(
    cacheFolder(),
    'engine',
    `tensorflow-${tensorflowVersion}-${variant}-tfjs-${addonPackage().version}-ours-${sourcesVersion()}` +
      `-napi${napiVersion}-${process.platform}-${process.arch}`,
  );

/** The engine of that variant if the cache has it, its addon unchanged and every other file at its size, else null. */
export function installedEngine(variant: Variant): NativeEngine | null {
  const folder = engineFolder(variant);
  const addon = join(folder, addonName);
  try {
    const { files, version, addonSha256 } = JSON.parse(readFileSync(join(folder, manifestName), 'utf8')) as Manifest;
    const whole =
      Object.entries(files).every(([file, bytes]) => statSync(join(folder, file)).size === bytes) &&
      (variant === 'cpu' || cusolver.link in files); // a release made no such link, and its engines used no card
    return whole && sha256(addon) === addonSha256 ? { addon, folder, version, variant } : null;
  } catch {
    return null; // not there, or not whole: either way there is nothing to load
  }
}

/** The hash of a small file. */
export const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** The engine to use: the one with CUDA where a driver for it is found, else the other, else whichever is there. */
export function nativeEngine(): NativeEngine | null {
  const order: Variant[] = nvidiaDriver() === null ? ['cpu', 'cuda'] : ['cuda', 'cpu'];
  return order.reduce<NativeEngine | null>((found, variant) => found ?? installedEngine(variant), null);
}

/**
 * The line for start-up where an NVIDIA driver is found and no engine for it is installed, else null. (Only Linux x64
 * has one.)
 */
export function cudaHint(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64' || installedEngine('cuda') !== null) return null;
  const driver = nvidiaDriver();
  if (driver === null) return null;
  return (
    `An NVIDIA driver (${driver}) is installed, but the engine runs on the CPU. ` +
    'To use the GPU: npx onecycle engine install --cuda'
  );
}
