// What the parts of `npm run compat` share: a folder that is gone afterwards, programs, and how a result is told.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import envPaths from 'env-paths';

export const root = fileURLToPath(new URL('../..', import.meta.url));
/** Keeps what was downloaded. */
export const cache = join(process.env.ONECYCLE_CACHE_DIR || envPaths('onecycle', { suffix: '' }).cache, 'compat');
/** Everything else; main.js removes it. */
export const folder = mkdtempSync(join(tmpdir(), 'onecycle-compat-'));

/** The job that each of them runs. */
export const job = {
  policy: { name: 'fit_one_cycle', n_epoch: 3, lr_max: 0.003 },
  dataset: { builtin: 'digits' },
  model: { preset: 'mlp', hidden: [64] },
};

/** A program's output. */
export function must(cwd, command, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    ...options,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** The folder with the programs of pinned Python packages. */
export function pythonPrograms(...packages) {
  const at = join(cache, 'python', packages.join('-').replaceAll(/[^\w.-]/g, ''));
  if (!existsSync(join(at, 'done'))) {
    must(root, 'python3', ['-m', 'venv', at]);
    must(root, join(at, 'bin/pip'), ['install', '--quiet', ...packages]);
    writeFileSync(join(at, 'done'), '');
  }
  return join(at, 'bin');
}

let failures = 0;
/** Whether anything has failed so far. */
export const failed = () => failures > 0;

/** Tells what an act came to, and goes on where it fails. */
export async function report(name, act) {
  try {
    console.log(`${name}: ${await act()}`);
  } catch (error) {
    failures++;
    console.log(`${name}: FAILED\n${error.message.slice(-4000)}`);
  }
}
