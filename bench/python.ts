import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../src/config.js';
import { installFolder } from '../src/download/install.js';

const file = (name: string): string => fileURLToPath(new URL(`../../bench/python/${name}.txt`, import.meta.url));
const linesOf = (path: string): string[] => readFileSync(path, 'utf8').trim().split('\n');

/** What an environment has: a file of pinned packages, and how much is downloaded for it. */
const environments = {
  fastai: { requirements: file('requirements'), size: 'some gigabytes' },
  ray: { requirements: file('requirements-ray'), size: '100 MB' },
  mlflow: { requirements: file('requirements-mlflow'), size: '20 MB' },
} as const;
type Environment = keyof typeof environments;

/** The pinned packages, as `NAME==VERSION`. */
export const pinned = (name: Environment = 'fastai'): string[] => linesOf(environments[name].requirements);

/** The Python of an environment of its own in the cache, with packages from PyPI; made the first time, named by what is in it. */
export async function pythonWith(name: Environment): Promise<string> {
  const { requirements, size } = environments[name];
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const target = join(cacheFolder(), 'bench', `python-${hash}`);
  await installFolder({
    target,
    isWhole: () => existsSync(join(target, 'requirements.txt')),
    make: (folder, signal) => make(folder, requirements, size, signal),
    onProgress: ({ what }) => console.error(`Waiting for ${what}`),
  });
  return interpreter(target);
}

const interpreter = (folder: string): string => join(folder, 'bin', 'python');

/** An environment can be moved as long as its interpreter is called by its path. */
async function make(folder: string, requirements: string, size: string, signal: AbortSignal): Promise<void> {
  console.error(`Installing ${linesOf(requirements).join(', ')}: ${size}, once`);
  await run(process.env.PYTHON || 'python3', ['-m', 'venv', folder], signal);
  await run(
    interpreter(folder),
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements],
    signal,
  );
  copyFileSync(requirements, join(folder, 'requirements.txt'));
}

async function run(command: string, args: string[], signal: AbortSignal): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 2, 2], signal });
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${String(status)}`);
}
