/** `onecycle engine install`: TensorFlow from its wheel, the addon compiled against it, into the cache. */
import { readdirSync, statSync } from 'node:fs';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { installFolder } from '../../../download/install.js';
import { fetchWheel } from '../../../download/fetch-wheel.js';
import type { Wheel } from '../../../download/wheel.js';
import type { OnProgress } from '../../../download/progress.js';
import { unpack } from '../../../download/unpack.js';
import { OnecycleError } from '../../../errors.js';
import {
  addonName,
  cusolver,
  engineFolder,
  installedEngine,
  manifestName,
  sha256,
  tensorflowVersion,
  type Manifest,
  type NativeEngine,
  type Variant,
} from './installed.js';
import { compileAddon, requireCompiler } from './compile.js';
import { verifyAddon } from './verify.js';
import { platformsWith, wheelsOf } from './wheels.js';

export { engineStatus, type EngineStatus, type VariantStatus } from './status.js';

/** What to install, and who hears of it. */
export interface InstallOptions {
  /** TensorFlow with CUDA, for NVIDIA cards; Linux x64 only. */
  cuda?: boolean;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** What an installation came to. */
export interface InstallResult {
  engine: NativeEngine;
  /** False where it was there already: then nothing was done. */
  changed: boolean;
}

/**
 * Installs the native engine into the cache, unless it is there. Safe to be cut off, and to be run twice at once.
 * Throws `engine_not_installed` with one plain line: what is missing, and what mends it. Then nothing is left behind.
 */
export async function installEngine({
  cuda = false,
  onProgress = () => undefined,
  signal,
}: InstallOptions = {}): Promise<InstallResult> {
  const variant: Variant = cuda ? 'cuda' : 'cpu';
  const present = installedEngine(variant);
  if (present !== null) return { engine: present, changed: false };
  try {
    const wheels = requireWheels(variant);
    await requireCompiler();
    const outcome = await installFolder({
      target: engineFolder(variant),
      isWhole: () => installedEngine(variant) !== null,
      make: (folder, stop) => make(folder, variant, wheels, onProgress, stop),
      onProgress,
      signal,
    });
    const engine = installedEngine(variant);
    if (engine === null) throw new Error(`The engine was changed while it was installed: ${engineFolder(variant)}`);
    return { engine, changed: outcome === 'made' };
  } catch (error) {
    signal?.throwIfAborted();
    throw new OnecycleError('engine_not_installed', error instanceof Error ? error.message : String(error), [], {
      cause: error,
    });
  }
}

function requireWheels(variant: Variant): Wheel[] {
  const platform = `${process.platform}-${process.arch}`;
  const wheels = wheelsOf(platform, variant);
  if (wheels === undefined) {
    throw new Error(
      `TensorFlow ${tensorflowVersion}${variant === 'cuda' ? ' with CUDA' : ''} is available for ` +
        `${platformsWith(variant).join(', ')}, not for ${platform}.`,
    );
  }
  if (process.platform === 'linux' && !usesGlibc())
    throw new Error(
      'TensorFlow needs a Linux with glibc (Debian, Ubuntu, Fedora, …); this one has a different C library.',
    );
  return wheels;
}

function usesGlibc(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}

async function make(
  folder: string,
  variant: Variant,
  wheels: Wheel[],
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  const downloads = join(folder, 'wheels');
  for (const wheel of wheels) {
    const file = await fetchWheel(wheel, downloads, onProgress, signal);
    await unpack(file, folder, isNeeded, onProgress, signal);
    await rm(file); // at once: with CUDA they are gigabytes
  }
  await rm(downloads, { recursive: true });
  if (variant === 'cuda') await linkCusolver(folder);

  onProgress({ step: 'compile', what: addonName });
  await compileAddon(folder, signal);
  onProgress({ step: 'check', what: 'a product of matrices, a step of Adam and batch norm' });
  const { version } = await verifyAddon(join(folder, addonName), signal);

  const manifest: Manifest = { version, variant, files: sizes(folder), addonSha256: sha256(join(folder, addonName)) };
  await writeFile(join(folder, manifestName), JSON.stringify(manifest, null, 1));
}

/**
 * TensorFlow opens NVIDIA's libraries from `libtensorflow_framework`, by whose paths cuSOLVER's folder is not found (it is
 * in those of `libtensorflow_cc`), and without one of them it leaves the card alone. So cuSOLVER is also where cuSPARSE is.
 */
async function linkCusolver(folder: string): Promise<void> {
  const { library, link } = cusolver;
  await symlink(relative(dirname(link), library), join(folder, link));
}

/**
 * What the addon is compiled and linked against, TensorFlow's notices, and NVIDIA's libraries with the tools that
 * TensorFlow calls. The folders stay as they are in the wheels: TensorFlow's libraries look for NVIDIA's by relative
 * paths.
 */
const needed = [
  /^tensorflow\/libtensorflow_(cc|framework)\./,
  /^tensorflow\/include\/(tensorflow\/c|xla\/tsl\/c)\/.*\.(h|inc)$/,
  /^tensorflow\/include\/(tensorflow\/core|tsl)\/platform\/(ctstring\w*|platform)\.h$/,
  /^tensorflow\/include\/tensorflow\/core\/common_runtime\/next_pluggable_device\/c\/\w+\.h$/,
  /^tensorflow\/(include\/LICENSE|THIRD_PARTY_NOTICES\.txt)$/,
  /^nvidia\/\w+\/(lib|bin|nvvm)\//,
  /\.dist-info\/(METADATA|.*(licen[sc]e|notice).*)$/i,
];

const isNeeded = (member: string): boolean => needed.some((pattern) => pattern.test(member));

/** Bytes of every file below a folder, by relative path. */
function sizes(folder: string): Record<string, number> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => ({ path, stat: statSync(join(folder, path)) }))
    .filter(({ stat }) => stat.isFile());
  return Object.fromEntries(files.map(({ path, stat }) => [path, stat.size]));
}
