/** Keeps a child process running: one that dies is started again, later each time while it keeps dying young. */
import { fork, type ChildProcess, type StdioOptions } from 'node:child_process';
import type { Logger } from 'pino';

/** A child process that is kept running. */
export interface Supervised {
  /** The process id of the child that runs now. */
  readonly pid: number | undefined;
  /** Ends the child for good: SIGTERM, then SIGKILL where it doesn't end in `graceMs`. Settles when it is gone. */
  stop(graceMs?: number): Promise<void>;
}

const firstDelayMs = 500;
const longestDelayMs = 30_000;
/** A child that lived this long did not die young. */
const healthyMs = 30_000;

/**
 * Starts a Node program, and starts it again whenever it dies.
 * @param name what the log calls it
 * @param file the program's file
 */
export function supervise(
  name: string,
  file: string,
  env: NodeJS.ProcessEnv,
  stdio: StdioOptions,
  log: Logger,
): Supervised {
  let stopping = false;
  let deaths = 0;
  let restart: NodeJS.Timeout | undefined;
  let child: ChildProcess | undefined;

  const start = (): void => {
    const startedAt = Date.now();
    const started = fork(file, { env, stdio });
    child = started;
    log.info({ pid: started.pid }, `${name} started`);
    const died = (code: number | null, signal: NodeJS.Signals | null): void => {
      child = undefined;
      if (stopping) return;
      deaths = Date.now() - startedAt >= healthyMs ? 1 : deaths + 1;
      const delay = Math.min(firstDelayMs * 2 ** (deaths - 1), longestDelayMs);
      log.warn({ code, signal, restart_in_ms: delay }, `${name} died`);
      restart = setTimeout(start, delay);
    };
    started.once('exit', died);
    started.on('error', (error) => {
      log.error({ err: error }, `${name} could not be started or reached`);
      if (started.pid === undefined) died(null, null);
    });
  };
  start();

  return {
    get pid() {
      return child?.pid;
    },
    async stop(graceMs = 6000) {
      stopping = true;
      clearTimeout(restart);
      const last = child;
      if (!last) return;
      const gone = new Promise<void>((resolve) => last.once('exit', () => resolve()));
      last.kill('SIGTERM');
      const kill = setTimeout(() => last.kill('SIGKILL'), graceMs);
      await gone;
      clearTimeout(kill);
    },
  };
}
