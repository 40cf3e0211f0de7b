import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compilerCommand } from '../../../config.js';
import { addonName, addonPackage, napiVersion, addonSources } from './installed.js';

const run = promisify(execFile);

const nodeHeaders = (): string =>
  join(createRequire(import.meta.url).resolve('node-api-headers/package.json'), '..', 'include');

/** Throws an error of one plain line where there is no C++ compiler. */
export async function requireCompiler(): Promise<void> {
  const [command, ...args] = compilerCommand();
  await run(command, [...args, '--version']).catch((cause: unknown) => {
    throw new Error(
      `No C++ compiler: ${command} could not be started. Install one (Debian, Ubuntu: apt-get install g++; ` +
        `macOS: xcode-select --install), or set CXX to yours.`,
      { cause },
    );
  });
}

/**
 * Compiles the addon of `@tensorflow/tfjs-node-gpu` in `folder`, with our own sources in it, against the TensorFlow
 * that is unpacked there. The addon finds its libraries relative to itself, so the folder may be moved afterwards.
 */
export async function compileAddon(folder: string, signal: AbortSignal): Promise<void> {
  const [command, ...args] = compilerCommand();
  const { folder: source } = addonPackage();
  const binding = (await readdir(join(source, 'binding')))
    .filter((file) => file.endsWith('.cc'))
    .map((file) => join(source, 'binding', file));
  const tensorflow = join(folder, 'tensorflow');
  await run(
    command,
    [
      ...args,
      '-std=c++17',
      '-O3',
      // Roots need not report what they can't do, so several are taken at once.
      '-fno-math-errno',
      // Sums round as they do kernel by kernel.
      '-ffp-contract=off',
      '-fPIC',
      `-DNAPI_VERSION=${napiVersion}`,
      // Some of its calls go to ours (session_config.cc, preload.cc).
      '-DTF_LoadSessionFromSavedModel=OnecycleLoadSession',
      '-DTF_NewGraph=OnecycleNewGraph',
      '-Dnapi_define_properties=OnecycleDefineProperties',
      '-DTFE_NewContext=OnecycleNewContext',
      ...[join(tensorflow, 'include'), source, nodeHeaders()].map((include) => `-I${include}`),
      ...binding,
      ...addonSources(),
      '-o',
      join(folder, addonName),
      ...linkFlags(tensorflow),
    ],
    { signal },
  ).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new Error(`The addon does not compile with ${command}: ${firstError(error)}`, { cause: error });
  });
}

/** A shared object leaves Node's own symbols open until Node loads it; macOS's linker must be told to. */
const linkFlags = (tensorflow: string): string[] => [
  '-shared',
  ...libraries(tensorflow),
  ...(process.platform === 'darwin'
    ? ['-undefined', 'dynamic_lookup', '-Wl,-rpath,@loader_path/tensorflow']
    : ['-Wl,-rpath,$ORIGIN/tensorflow']),
];

/** TensorFlow's libraries, by path: their names end in a version, so `-l` would not find them. */
const libraries = (tensorflow: string): string[] =>
  ['tensorflow_cc', 'tensorflow_framework'].map((name) =>
    join(tensorflow, process.platform === 'darwin' ? `lib${name}.2.dylib` : `lib${name}.so.2`),
  );

function firstError(error: unknown): string {
  const { stderr = '', message } = error as { stderr?: string; message: string };
  return stderr.split('\n').find((line) => /error|cannot find|undefined/.test(line)) ?? message;
}
