/**
 * How a child process is started that works on what clients sent, a trainer, a predictor or a reader of files: with as
 * little as the system allows. Jobs are data and not code, so that this is a second fence, not the first.
 */
import { spawnSync, type ForkOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { childVariables } from './config.js';
import { OnecycleError } from './errors.js';

/** The user of the system that a trainer runs as where it is not ours. */
export interface ChildUser {
  uid: number;
  gid: number;
}

/**
 * So many may die one after another before they have heard of their work, killed as they start or with those that
 * waited: it is not the work that failed. Where none can ever start, the work must fail all the same.
 */
export const mostStarts = 3;

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
 * @param user whom it runs as, if not as we do
 * @throws OnecycleError `invalid_configuration` where it cannot be kept from the network
 */
export function confined(
  noNetwork = false,
  execArgv: readonly string[] = process.execArgv,
  user: ChildUser | null = null,
): ForkOptions {
  if (noNetwork && !works('unshare')) {
    const detail = 'ONECYCLE_TRAINER_NETWORK=none needs Linux, `unshare`, and the right to make network namespaces.';
    throw new OnecycleError('invalid_configuration', detail, [{ pointer: '/ONECYCLE_TRAINER_NETWORK', detail }]);
  }
  const wanted = [...(noNetwork ? (['unshare'] as const) : []), 'prlimit', 'setpriv'] as const;
  // The user is changed before `setpriv` binds it to its parent: the kernel forgets that with the change.
  const confining = wanted.filter(works).flatMap((tool) => [...(tool === 'setpriv' ? as(user) : []), ...tools[tool]]);
  const [execPath, ...before] = [...confining, process.execPath];
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

/** Becomes a user, with that one's group alone. */
const as = (user: ChildUser | null): string[] =>
  user === null
    ? []
    : ['setpriv', '--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups', '--no-new-privs', '--'];

/**
 * The user that `ONECYCLE_TRAINER_USER` names, once trainers of that user can work: they come to their folders in the
 * data folder, and read the program and the engine.
 * @param reads what they must be able to read, as far as it is there
 * @throws OnecycleError `invalid_configuration`
 */
export async function childUser(name: string, dataDir: string, reads: readonly string[]): Promise<ChildUser> {
  const refused = (why: string): OnecycleError => {
    const detail = `ONECYCLE_TRAINER_USER=${name}: ${why}.`;
    return new OnecycleError('invalid_configuration', detail, [{ pointer: '/ONECYCLE_TRAINER_USER', detail }]);
  };
  if (process.getuid?.() !== 0 || !works('setpriv'))
    throw refused('only root on Linux, with `setpriv`, can start processes as another user');
  const user = userNamed(name);
  if (!user) throw refused('there is no such user');
  if (user.uid === 0) throw refused('this is root itself');
  const folder = await closeDataFolder(dataDir);
  const wrong = cannotUse(user, [folder], reads.filter(existsSync));
  if (wrong !== '') throw refused(`the user cannot read ${wrong}, or a folder above it may not be entered`);
  return user;
}

function userNamed(name: string): ChildUser | null {
  const numbers = /^(\d+)(?::(\d+))?$/.exec(name);
  if (numbers) return { uid: Number(numbers[1]), gid: Number(numbers.at(2) ?? numbers[1]) };
  const [uid, gid] = ['-u', '-g'].map((which) => spawnSync('id', [which, '--', name], { encoding: 'utf8' }));
  return uid.status === 0 && gid.status === 0 ? { uid: Number(uid.stdout), gid: Number(gid.stdout) } : null;
}

/** The first of these paths that a user can't enter or read; '' where it can do all that. */
function cannotUse(user: ChildUser, enters: readonly string[], reads: readonly string[]): string {
  const look = `const { accessSync, constants } = require('node:fs');
    for (const [mode, paths] of JSON.parse(process.argv[1])) for (const path of paths)
      try { accessSync(path, constants[mode]); } catch { process.stdout.write(path); process.exit(1); }`;
  const paths = JSON.stringify([
    ['X_OK', enters],
    ['R_OK', reads],
  ]);
  const [command, ...before] = as(user);
  const { status, stdout } = spawnSync(command, [...before, process.execPath, '-e', look, paths], { encoding: 'utf8' });
  return status === 0 ? '' : stdout || process.execPath;
}

/**
 * Leaves others a way through the data folder to the folders that attempts work in, and nothing beside it: no name of
 * a file, no other folder. Returns where those folders are.
 */
export async function closeDataFolder(dataDir: string): Promise<string> {
  const way = [dataDir, join(dataDir, 'artifacts'), join(dataDir, 'artifacts', 'tmp')];
  for (const folder of way) {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o711);
  }
  for (const folder of way.slice(0, -1)) for (const name of await readdir(folder)) await close(join(folder, name), way);
  return way[2];
}

async function close(path: string, way: readonly string[]): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found === null || found.isSymbolicLink() || way.includes(path) || (found.mode & 0o077) === 0) return;
  // What goes meanwhile needs none.
  await chmod(path, found.mode & 0o700).catch(() => undefined);
}
