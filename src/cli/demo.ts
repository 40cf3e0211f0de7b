/** `onecycle demo`: the whole service on a temporary data folder, and a tour of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { Onecycle } from '../client/index.js';
import { loadConfig } from '../config.js';
import { startService, type Output, type Service } from './service.js';
import { stopSignal } from './signals.js';
import { tour } from './tour.js';

/** Runs the demo: ends with exit code 0 if all of it worked, 1 with a plain message if not, 130 after Ctrl-C. */
export async function demo(): Promise<void> {
  const signal = stopSignal();
  const dataDir = await mkdtemp(join(tmpdir(), 'onecycle-demo-'));
  let service: Service | undefined;
  try {
    const loaded = loadConfig();
    const storage = { ...loaded.storage, url: null };
    const config = { ...loaded, host: '127.0.0.1', port: 0, redisUrl: null, dataDir, storage, workersPerDevice: 1 };
    service = await startService(config, { api: true, workers: true }, quiet(join(dataDir, 'log')), signal);
    await service.enginesLoaded();
    await tour(new Onecycle({ url: service.url ?? '' }), signal);
  } catch (error) {
    if (!signal.aborted) console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  } finally {
    await service?.stop();
    await rm(dataDir, { recursive: true, force: true });
    if (signal.aborted) process.exitCode = 130;
  }
}

/** The terminal is for the tour: logs go to a file beside the data. */
function quiet(file: string): Output {
  const log = openSync(file, 'a');
  return {
    log: pino(pino.destination({ fd: log, sync: true })),
    say: (line) => console.log(line),
    workerStdio: ['ignore', log, log, 'ipc'],
  };
}
