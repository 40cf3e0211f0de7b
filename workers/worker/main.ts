/**
 * The worker process: one a device. It takes jobs from the queue and has trainers run them, and ends with whoever started it.
 * Environment: ONECYCLE_DEVICE (`cpu`, `cuda:N`), ONECYCLE_DATA_DIR, REDIS_URL or ONECYCLE_REDIS_SOCKET, ONECYCLE_LOG_LEVEL;
 * ONECYCLE_TRAINER (another trainer, for tests).
 */
import { fileURLToPath } from 'node:url';
import type { RedisAddress } from '../../src/jobs/index.js';
import { JobWorker } from '../../src/jobs/job-worker.js';
import { createLog } from '../../src/log.js';
import { dataStorage } from '../../src/storage/index.js';
import { runAttempt } from './run-attempt.js';
import { Trainers } from './trainer-pool.js';

function redisAddress(env: NodeJS.ProcessEnv): RedisAddress {
  const address = env.REDIS_URL ?? (env.ONECYCLE_REDIS_SOCKET && { path: env.ONECYCLE_REDIS_SOCKET });
  if (!address) throw new Error('Set REDIS_URL, or ONECYCLE_REDIS_SOCKET.');
  return address;
}

async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const device = env.ONECYCLE_DEVICE ?? 'cpu';
  const log = await createLog(env.ONECYCLE_LOG_LEVEL ?? 'info', { device });
  const storage = dataStorage(env.ONECYCLE_DATA_DIR ?? './data');
  const trainers = new Trainers(
    env.ONECYCLE_TRAINER ?? fileURLToPath(new URL('../trainer/main.js', import.meta.url)),
    device,
    log,
    (engine) => worker.setEngine(engine),
  );
  const worker = new JobWorker(
    redisAddress(env),
    storage,
    device,
    (attempt, signal) => runAttempt(attempt, signal, trainers, storage),
    log,
  );

  let stopping = false;
  const stop = async (why: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'worker stops');
    await Promise.all([worker.stop(), trainers.close()]);
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  // Whoever started it is gone.
  process.on('disconnect', () => void stop('its parent is gone'));

  trainers.keepWarm();
  await worker.start();
}

await main(process.env);
