/** How a child process is started that the kernel ends with its parent, whatever state it is in. */
import { spawnSync, type ForkOptions } from 'node:child_process';

/** util-linux's: it asks the kernel for the signal (`PR_SET_PDEATHSIG`) and then becomes the program that it is given. */
const setpriv = 'setpriv';
const signalled = ['--pdeathsig', 'KILL', '--'];

let known: ForkOptions | undefined;

/**
 * What to fork with: a trainer that hangs in native code, or is stopped, does not see that its worker is gone; SIGKILL
 * ends it all the same. Nothing where the system has no `setpriv` (no Linux, or a bare one): a trainer then ends with
 * its channel alone. To be called in a process' main thread: when the thread that forks ends, the child does.
 */
export function endsWithParent(): ForkOptions {
  known ??= works() ? { execPath: setpriv, execArgv: [...signalled, process.execPath, ...process.execArgv] } : {};
  return known;
}

const works = (): boolean =>
  process.platform === 'linux' && spawnSync(setpriv, [...signalled, process.execPath, '--version']).status === 0;
