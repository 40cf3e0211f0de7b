/**
 * The worker process: one a device. It takes jobs from the queue and has trainers run them, and ends with whoever
 * started it. `workerSettings` reads its environment.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { childUser } from '../../src/child-process.js';
import { cacheFolder, tracingSettings, trainerSettings, workerSettings } from '../../src/config.js';
import { JobWorker } from '../../src/jobs/job-worker.js';
import { PredictionWorker } from '../../src/jobs/prediction-worker.js';
import { createLog } from '../../src/log.js';
import { openStorage, PatientStorage } from '../../src/storage/index.js';
import { startTracing } from '../../src/telemetry/index.js';
import { runAttempt } from './run-attempt.js';
import { onCard } from './card.js';
import { cardMemory } from './gpu-load.js';
import { Predictor } from './predictor.js';
import { Trainers } from './trainer-pool.js';
import { usageOf } from './usage.js';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** Time to end in: for a last checkpoint, and for Redis to take the job back. It may hear neither. */
const stopLimitMs = 5000;

async function main(): Promise<void> {
  const { callbackModules } = trainerSettings();
  const {
    device,
    redis,
    dataDir,
    storage: settings,
    keepDays,
    labels,
    weight,
    logLevel,
    trainer,
    children,
    capacity: most,
  } = workerSettings();
  const log = await createLog(logLevel, { device });
  const trainerFile = trainer ?? fileURLToPath(new URL('../trainer/main.js', import.meta.url));
  const user =
    children.user && (await childUser(children.user, dataDir, [trainerFile, cacheFolder(), ...callbackModules]));
  const cardBytes = device === 'cpu' ? null : ((await cardMemory(device)) ?? most.gpu_memory_bytes);
  const capacity = device === 'cpu' ? most : onCard(most, cardBytes);
  // What this process makes is for its own eyes.
  if (user) process.umask(0o077);
  const stopTracing = await startTracing(tracingSettings(), 'onecycle-worker', log);
  const storage = await openStorage(dataDir, settings);
  const trainers = new Trainers(
    trainerFile,
    device,
    children,
    { ...capacity, user: user || null, cardBytes },
    log,
    (engine) => {
      if (device !== 'cpu' && engine.device.startsWith('cpu'))
        log.warn(`${device} is not used: training runs on the CPU. To see why: npx onecycle engine status`);
      worker.setEngine(engine);
    },
  );
  const predictor = new Predictor(storage, children, log);
  const usage = usageOf(device, () => {
    const { trainers: running, others } = trainers.loads;
    return { trainers: running, others: [...others, ...predictor.loads] };
  });
  const worker = new JobWorker(
    redis,
    storage,
    { device, keepDays, usage, capacity, labels, weight, version },
    (attempt, signal) =>
      runAttempt(attempt, signal, trainers, new PatientStorage(storage, settings.patienceMs, signal), dataDir),
    log,
  );
  const predictions = new PredictionWorker(redis, storage, (task, tenant) => predictor.compute(task, tenant), log);

  let stopping = false;
  const stop = async (why: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'worker stops');
    setTimeout(() => {
      log.warn('the worker ends without having returned its jobs: Redis does not answer');
      void Promise.all([trainers.close(), predictor.close()])
        .then(() => worker.leaveWord())
        .catch((error: unknown) => log.warn({ err: error }, 'it could not record that either'))
        .finally(() => process.exit(1));
    }, stopLimitMs);
    trainers.retire();
    await Promise.all([predictions.stop(), worker.stop()]);
    await Promise.all([trainers.close(), predictor.close(), stopTracing()]);
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  // Whoever started it is gone.
  process.on('disconnect', () => void stop('its parent has exited'));
  // Nobody was listening yet while this process loaded its modules.
  if (process.send && !process.connected) process.exit(0);

  trainers.keepWarm();
  void predictions.run();
  await worker.start();
}

await main();
