/**
 * How a child process is started that works on what clients sent, a trainer, a predictor or a reader of files: with as
 * little as the system allows. Jobs are data and not code, so that this is a second fence, not the first.
 */
import { spawnSync, type ForkOptions } from 'node:child_process';
import { childVariables } from './config.js';
import { OnecycleError } from './errors.js';

/** What a program needs anywhere, and what tunes Node, the engine or a card. All else stays with the parent. */
const names = new Set([
  ...['PATH', 'HOME', 'USER', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR', 'XDG_CACHE_HOME', 'LD_LIBRARY_PATH', 'LD_PRELOAD'],
  ...['NODE_OPTIONS', 'NODE_V8_COVERAGE', 'UV_THREADPOOL_SIZE'],
  ...childVariables,
  // By which whoever looks at processes tells one service's from another's.
  'ONECYCLE_DATA_DIR',
]);
const prefixes = /^(LC|TF|CUDA|CUDNN|CUBLAS|NVIDIA|XLA|OMP|KMP|MKL|DNNL|ONEDNN|VIPS|MALLOC)_/;

/**
 * The part of an environment that such a child gets: no key, password or address of a server.
 * @param also names that the operator passes on, to custom callbacks
 */
export const childEnvironment = (env: NodeJS.ProcessEnv, also: readonly string[] = []): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => names.has(name) || prefixes.test(name) || also.includes(name)),
  );

/** util-linux's programs: each changes something of its process and then becomes the program that it is given. */
const tools = {
  /** A network of its own, in which nothing is. Where the process is not root, in a user namespace. */
  unshare: ['unshare', ...(process.getuid?.() === 0 ? [] : ['--user', '--map-current-user']), '--net', '--'],
  /** No memory of a process on disk, and an end to the files that are open at once. */
  prlimit: ['prlimit', '--core=0:0', '--nofile=4096:4096', '--'],
  /** The kernel ends it with its parent (`PR_SET_PDEATHSIG`), and no program that it starts has more rights than it. */
  setpriv: ['setpriv', '--pdeathsig', 'KILL', '--no-new-privs', '--'],
} as const;

const known = new Map<keyof typeof tools, boolean>();

/**
 * What to fork with, as far as the system has it: on Linux, with util-linux. A trainer that hangs in native code, or is
 * stopped, does not see that its worker is gone; SIGKILL ends it all the same. To be called in a process' main thread:
 * when the thread that forks ends, the child does.
 * @param noNetwork it must have no network
 * @throws OnecycleError `invalid_configuration` where it cannot be kept from the network
 */
export function confined(noNetwork = false, execArgv: readonly string[] = process.execArgv): ForkOptions {
  if (noNetwork && !works('unshare')) {
    const detail = 'ONECYCLE_TRAINER_NETWORK=none needs Linux, `unshare`, and the right to make network namespaces.';
    throw new OnecycleError('invalid_configuration', detail, [{ pointer: '/ONECYCLE_TRAINER_NETWORK', detail }]);
  }
  const wanted = [...(noNetwork ? (['unshare'] as const) : []), 'prlimit', 'setpriv'] as const;
  const [execPath, ...before] = [...wanted.filter(works).flatMap((tool) => [...tools[tool]]), process.execPath];
  return { execPath, execArgv: [...before, ...execArgv] };
}

function works(tool: keyof typeof tools): boolean {
  const before = known.get(tool);
  if (before !== undefined) return before;
  const [command, ...args] = tools[tool];
  const found =
    process.platform === 'linux' && spawnSync(command, [...args, process.execPath, '--version']).status === 0;
  known.set(tool, found);
  return found;
}
