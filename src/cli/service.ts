/** The service's parts, started in the order in which they need each other and ended in the reverse. */
import type { StdioOptions } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { RunningServer } from '../api/server.js';
import { childUser } from '../child-process.js';
import { cacheFolder, type Config } from '../config.js';
import { Jobs, type RedisAddress } from '../jobs/index.js';
import { loadOwnCallbacks, type OwnCallbacks } from '../request/own-callbacks.js';
import { openStorage, type Storage } from '../storage/index.js';
import { chooseDevices } from './devices.js';
import { ensureEngine } from './ensure-engine.js';
import type { ProgressDisplay } from './progress.js';
import { supervise, type Supervised } from './supervisor.js';

/** Which parts of the service run in this process's charge. */
export interface Parts {
  api: boolean;
  workers: boolean;
}

/** Where the service says what it does. */
export interface Output {
  log: Logger;
  /** Tells the user a plain line. */
  say: (line: string) => void;
  workerStdio: StdioOptions;
}

/** A service that runs. */
export interface Service {
  /** The API's address; null where it does not run. */
  url: string | null;
  /** Says of each worker which engine it has loaded, once it has. Rejects where one hasn't after a minute. */
  enginesLoaded(): Promise<void>;
  /** Ends every part and returns when no process is left. */
  stop(): Promise<void>;
}

/** A Redis that does not answer must not keep the service from ending. */
const closingLimitMs = 1500;
const loadingLimitMs = 60_000;
const workerFile = fileURLToPath(new URL('../../workers/worker/main.js', import.meta.url));

/**
 * Starts the parts: the engine is installed if workers need it, and without REDIS_URL a Valkey is embedded.
 * Returns once the API answers. What was started is ended again where a later part fails.
 */
export async function startService(
  config: Config,
  parts: Parts,
  output: Output,
  signal: AbortSignal,
): Promise<Service> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (let end = stops.pop(); end; end = stops.pop()) await end();
  };
  try {
    await mkdir(config.dataDir, { recursive: true });
    await keepFromTrainers(config, parts);
    const callbacks = await loadOwnCallbacks(config.callbackModules);
    const devices = parts.workers ? await prepareDevices(config, output, signal) : [];
    const storage = await openStorage(config.dataDir, config.storage);
    await storage.check();
    const redis = await startRedis(config, output, signal, stops);
    const workers = devices.map((device, i) => startWorker(`worker ${i} on ${device}`, device, config, redis, output));
    stops.push(async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
    });
    const api = parts.api ? await startApi(config, redis, storage, callbacks, output) : null;
    if (api) stops.push(() => Promise.race([api.close(), sleep(closingLimitMs, undefined, { ref: false })]));
    return { url: api?.url ?? null, enginesLoaded: () => announce(workers, redis, storage, output, signal), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Where trainers are another user's, what this service makes is for its own eyes; each worker sees to the rest. */
async function keepFromTrainers({ trainerUser, dataDir, callbackModules }: Config, { workers }: Parts): Promise<void> {
  if (trainerUser === null) return;
  process.umask(0o077);
  if (workers) await childUser(trainerUser, dataDir, [cacheFolder(), ...callbackModules]);
}

/** Loaded by the parts that may have something to install, so that an API alone starts sooner. */
const progressDisplay = async (): Promise<ProgressDisplay> => (await import('./progress.js')).showProgress();

/** One entry per worker: the device that it owns. */
async function prepareDevices(config: Config, { say }: Output, signal: AbortSignal): Promise<string[]> {
  if (config.workersPerDevice === 0) {
    say('No worker runs here (ONECYCLE_WORKERS=0): jobs wait for workers elsewhere.');
    return [];
  }
  const progress = await progressDisplay();
  try {
    const { native, notes } = await ensureEngine(config, progress.onProgress, signal);
    notes.forEach(say);
    return chooseDevices(config, native).flatMap((device) =>
      Array.from({ length: config.workersPerDevice }, () => device),
    );
  } finally {
    progress.stop();
  }
}

async function startRedis(
  config: Config,
  { log }: Output,
  signal: AbortSignal,
  stops: (() => Promise<void>)[],
): Promise<RedisAddress> {
  if (config.redisUrl !== null) {
    const { tellDurability } = await import('../jobs/redis/durability.js');
    const stopAsking = tellDurability(config.redisUrl, log);
    stops.push(() => {
      stopAsking();
      return Promise.resolve();
    });
    return config.redisUrl;
  }
  const { startValkey } = await import('../valkey/index.js');
  const progress = await progressDisplay();
  try {
    const valkey = await startValkey({ dataDir: config.dataDir, onProgress: progress.onProgress, log, signal });
    stops.push(valkey.stop);
    if (valkey.adopted) log.info('reusing the Valkey of a service that was killed');
    return valkey.redis;
  } finally {
    progress.stop();
  }
}

async function startApi(
  config: Config,
  redis: RedisAddress,
  storage: Storage,
  callbacks: OwnCallbacks,
  { log }: Output,
): Promise<RunningServer> {
  const { startServer } = await import('../api/server.js');
  const {
    host,
    port,
    access,
    edge,
    bodyLimit,
    jsonLimit,
    datasetLimit,
    limits,
    workersPerDevice,
    webhookAllow,
    mlflow,
    wrongKeysPerMinute,
  } = config;
  return startServer({
    host,
    port,
    redis,
    storage,
    limits,
    edge,
    config: {
      access,
      wrongKeysPerMinute,
      maxBodyBytes: bodyLimit,
      maxJsonBytes: jsonLimit,
      maxUploadBytes: datasetLimit,
      callbacks,
      expectWorkers: workersPerDevice > 0,
      webhooks: { allowed: webhookAllow },
      mlflow,
    },
    log,
  });
}

function startWorker(
  name: string,
  device: string,
  config: Config,
  redis: RedisAddress,
  { log, workerStdio }: Output,
): Supervised {
  const env = {
    ...process.env,
    ...(typeof redis === 'string' ? { REDIS_URL: redis } : { REDIS_URL: undefined, ONECYCLE_REDIS_SOCKET: redis.path }),
    ONECYCLE_DATA_DIR: config.dataDir,
    ONECYCLE_DEVICE: device,
    ONECYCLE_LOG_LEVEL: config.logLevel,
  };
  return supervise(name, workerFile, env, workerStdio, log);
}

async function announce(
  workers: readonly Supervised[],
  redis: RedisAddress,
  storage: Storage,
  { say }: Output,
  signal: AbortSignal,
): Promise<void> {
  const waiting = new Set(workers);
  const jobs = await Jobs.connect(redis, storage);
  const deadline = Date.now() + loadingLimitMs;
  try {
    while (waiting.size > 0 && !signal.aborted) {
      const loaded = (await jobs.workers()).filter(({ host, engine }) => host === hostname() && engine !== null);
      for (const worker of waiting) {
        const engine = loaded.find(({ pid }) => pid === worker.pid)?.engine;
        if (!engine) continue;
        waiting.delete(worker);
        say(`Engine: ${engineTitles[engine.name]} ${engine.version} on ${engine.device}`);
      }
      if (Date.now() > deadline)
        throw new Error(`No engine was loaded within ${loadingLimitMs / 1000} s; see the log for the reason.`);
      await sleep(50);
    }
  } finally {
    await jobs.close();
  }
}

const engineTitles = { tensorflow: 'TensorFlow', wasm: 'WebAssembly' };
