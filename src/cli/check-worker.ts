/** `onecycle worker --check`: whether a worker of this machine lives, for the health checks of containers. */
import { hostname } from 'node:os';
import { loadConfig } from '../config.js';
import { OnecycleError } from '../errors.js';
import { Jobs } from '../jobs/index.js';
import { dataStorage } from '../storage/index.js';

/** @throws OnecycleError `worker_not_found` where none does, `unavailable` where Redis does not answer */
export async function checkWorker(): Promise<void> {
  const { redisUrl, dataDir } = loadConfig();
  if (redisUrl === null) throw new OnecycleError('invalid_configuration', 'Set REDIS_URL, or give --redis.');
  const jobs = await Jobs.connect(redisUrl, dataStorage(dataDir));
  try {
    const live = (await jobs.workers()).filter(({ host }) => host === hostname());
    if (live.length === 0) throw new OnecycleError('worker_not_found', `No worker on ${hostname()} is alive.`);
    console.log(live.map(({ id, device, status }) => `${id} ${device} ${status}`).join('\n'));
  } finally {
    await jobs.close();
  }
}
