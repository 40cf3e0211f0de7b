/** `onecycle up`, and each of its parts alone: run until SIGINT or SIGTERM, then end everything. */
import { loadConfig, tracingSettings, type Config } from '../config.js';
import { OnecycleError } from '../errors.js';
import { createLog } from '../log.js';
import { startTracing } from '../telemetry/index.js';
import { whenThere } from './drain-file.js';
import { startService, type Output, type Parts } from './service.js';
import { stopSignal, whenStopped } from './signals.js';

/** The API, the workers and the embedded Valkey. */
export const up = (): Promise<void> => run({ api: true, workers: true });

/** The API alone; REDIS_URL says where the jobs are. */
export const api = (): Promise<void> => run({ api: true, workers: false });

/** One worker process per device, no API; REDIS_URL says where the jobs are. With `check`, only looks for one here. */
export async function worker(check = false): Promise<void> {
  if (check) return (await import('./check-worker.js')).checkWorker();
  await run({ api: false, workers: true });
}

async function run(parts: Parts): Promise<void> {
  const config = loadConfig();
  if (!(parts.api && parts.workers) && config.redisUrl === null) {
    throw new OnecycleError(
      'invalid_configuration',
      'To run a part alone, set REDIS_URL, where it finds the others. `onecycle up` runs all parts together.',
    );
  }
  // Workers are processes of their own, and trace themselves.
  const traces = tracingSettings();
  const log = await createLog(config.logLevel);
  const stopTracing = await startTracing(parts.api ? traces : null, 'onecycle-api', log);
  const stopping = new AbortController();
  const signal = stopSignal(stopping);
  const stopLooking = watchForNotice(parts.workers ? config.drainFile : null, stopping, log);
  const output: Output = {
    log,
    say: (line: string) => log.info(line),
    workerStdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  };
  try {
    const service = await startService(config, parts, output, signal);
    void service.enginesLoaded().catch((error: unknown) => log.error({ err: error }, 'a worker has no engine'));
    await whenStopped(signal);
    log.info('stopping');
    await service.stop();
    // As long as a collector does not answer, sending to it is tried again: nobody waits for that.
    if (!(await stopTracing())) process.exit();
  } catch (error) {
    if (!signal.aborted) throw plain(error, config);
  } finally {
    stopLooking();
    await stopTracing();
  }
}

/** Ends all where the file appears that announces the machine's end. Returns what stops the looking. */
function watchForNotice(file: string | null, stopping: AbortController, log: Output['log']): () => void {
  if (file === null) return () => undefined;
  return whenThere(file, () => {
    log.info({ file }, 'this machine is about to be taken away: the jobs go back to the queue');
    stopping.abort();
  });
}

/** An error that the user can fix, without a stack. */
function plain(error: unknown, { host, port }: Config): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'EADDRINUSE')
    return new OnecycleError(
      'invalid_configuration',
      `${host}:${port} is in use by another program. Set PORT to another port, or to 0 for any free one.`,
    );
  return error;
}
