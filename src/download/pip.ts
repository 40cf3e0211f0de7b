import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { OnProgress } from './progress.js';

/** One wheel of a package index, for one platform, pinned by hash. */
export interface Wheel {
  /** `NAME==VERSION` */
  requirement: string;
  /** A platform tag of the wheel's name, as pip's `--platform` takes it. */
  platform: string;
  sha256: string;
}

/** The Python that runs pip: `PYTHON`, else `python3`. */
const python = (): string => process.env.PYTHON || 'python3';

/** `tensorflow_cpu 2.21.0`: a wheel's name and version, without its tags. */
export const wheelName = (file: string): string => basename(file).split('-').slice(0, 2).join(' ');

/** Throws an error of one plain line where there is no Python with pip. */
export async function requirePip(): Promise<void> {
  const { status, output } = await runPip(['--version'], {}).catch((cause: unknown) => {
    throw new Error(
      `${python()} could not be started. Install Python 3 with pip (Debian, Ubuntu: apt-get install python3-pip; macOS: xcode-select --install), or name yours in PYTHON.`,
      { cause },
    );
  });
  if (status === 0) return;
  throw new Error(
    `${python()} has no pip (${lastLine(output)}). Install it (Debian, Ubuntu: apt-get install python3-pip; else: ${python()} -m ensurepip), or name another Python in PYTHON.`,
  );
}

/**
 * Downloads wheels into `folder`, each checked against its hash, whatever the Python that pip runs in. Returns their paths.
 * pip's own settings hold, so that a mirror or a proxy is used where one is configured.
 */
export async function pipDownload(
  wheels: readonly Wheel[],
  folder: string,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const requirements = join(folder, 'requirements.txt');
  await writeFile(
    requirements,
    wheels.map(({ requirement, sha256 }) => `${requirement} --hash=sha256:${sha256}\n`).join(''),
  );

  const platforms = [...new Set(wheels.map(({ platform }) => platform))];
  const args = [
    'download',
    '--no-deps',
    '--only-binary=:all:',
    '--progress-bar=off',
    '--require-hashes',
    '--requirement',
    requirements,
  ];
  args.push(
    '--python-version=3.11',
    '--implementation=cp',
    '--abi=cp311',
    ...platforms.map((platform) => `--platform=${platform}`),
  );

  const watch = watchDownload(folder, onProgress);
  try {
    const { status, output } = await runPip([...args, '--dest', folder], {
      signal,
      onLine: watch.line,
      // pip's half-loaded files lie in our folder, where their growth is seen and they go when it goes.
      env: { TMPDIR: folder },
    });
    if (status !== 0)
      throw new Error(
        `pip could not download ${wheels.map(({ requirement }) => requirement).join(', ')}: ${reason(output)}`,
      );
  } finally {
    watch.stop();
  }
  return (await readdir(folder)).filter((file) => file.endsWith('.whl')).map((file) => join(folder, file));
}

interface RunOptions {
  signal?: AbortSignal | undefined;
  onLine?: (line: string) => void;
  env?: NodeJS.ProcessEnv;
}

async function runPip(
  args: string[],
  { signal, onLine, env }: RunOptions,
): Promise<{ status: number | null; output: string }> {
  const child = spawn(python(), ['-m', 'pip', ...args, '--disable-pip-version-check', '--no-input'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A user's `require-virtualenv` is about installing; nothing is installed here.
    env: { ...process.env, PIP_REQUIRE_VIRTUALENV: '0', PYTHONUNBUFFERED: '1', ...env },
    ...(signal && { signal }),
  });
  let output = '';
  let rest = '';
  const read = (chunk: string) => {
    output += chunk;
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine?.(line);
  };
  child.stdout.setEncoding('utf8').on('data', read);
  child.stderr.setEncoding('utf8').on('data', read);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, output };
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

/** pip's own words for a failure: why it could not connect, else its ERROR lines, else the last one. */
function reason(output: string): string {
  const broken = /connection broken by '.*?(?:: )?((?:\[Errno|[^:]*timed out)[^']*?)\)*'/.exec(output)?.[1];
  if (broken !== undefined) return `the package index cannot be reached: ${broken}`;
  const errors = output.split('\n').filter((line) => line.startsWith('ERROR:'));
  return (errors.length > 0 ? errors.map((line) => line.slice('ERROR:'.length).trim()) : [lastLine(output)]).join(' ');
}

const units: Record<string, number> = { bytes: 1, kB: 1e3, MB: 1e6, GB: 1e9 };

/**
 * Reports a download by what any pip does: it says a wheel's name and size when it begins, and the file grows.
 * (Only pip 24.1 and later report bytes themselves.)
 */
function watchDownload(folder: string, onProgress: OnProgress): { line: (line: string) => void; stop: () => void } {
  let file = '';
  let total: number | undefined;
  const report = async () => {
    if (file === '') return;
    const done = await size(folder, file);
    onProgress({
      step: 'download',
      what: wheelName(file),
      done,
      ...(total !== undefined && { total: Math.max(total, done) }),
    });
  };
  const timer = setInterval(() => void report(), 200);
  return {
    line: (line) => {
      const [, url = '', number = '', unit = ''] =
        /^\s*(?:Downloading|Using cached) (\S+\.whl) \(([\d.]+) (\w+)\)/.exec(line) ?? [];
      if (url === '') return;
      file = basename(url);
      total = Number(number) * (units[unit] ?? 1);
      onProgress({ step: 'download', what: wheelName(file), done: 0, total });
    },
    stop: () => clearInterval(timer),
  };
}

/** Bytes of that file so far, wherever below the folder pip keeps it meanwhile. */
async function size(folder: string, file: string): Promise<number> {
  const found = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = found
    .filter((path) => path.endsWith(file))
    .map((path) =>
      stat(join(folder, path)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return Math.max(0, ...(await Promise.all(sizes)));
}
