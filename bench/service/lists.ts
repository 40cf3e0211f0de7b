/** Pages of lists of many jobs. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openRedis, type Client } from '../../src/jobs/redis/client.js';
import { newRecord } from '../../src/jobs/redis/fields.js';
import { keys, newJobId } from '../../src/jobs/redis/keys.js';
import type { JobRecord, JobStatus } from '../../src/jobs/record.js';
import { completeOptimizer } from '../../src/optimizer/index.js';
import type { JobSpec } from '../../src/request/spec.js';
import { socketPath } from '../../src/valkey/socket.js';
import { spread } from './numbers.js';
import type { Service } from './service.js';

/** How long 20 of the jobs take, by what is asked for. */
export interface Lists {
  jobs: number;
  pages: { what: string; answered_ms: { median: number; p99: number } }[];
}

/** Stores so many jobs, and asks for each list so often. */
export async function measureLists(service: Service, jobs: number, requests: number): Promise<Lists> {
  const redis = openRedis({ path: socketPath(join(service.folder, 'data', 'valkey')) }, 'patient');
  const first = await fill(redis, jobs).finally(() => redis.disconnect());
  const pages: Lists['pages'] = [];
  for (const [what, query, times] of asked(first, requests)) {
    const took: number[] = [];
    for (let i = 0; i < times; i++) {
      const started = performance.now();
      await service.json('GET', `/jobs?limit=20&${query}`);
      took.push(performance.now() - started);
      await sleep(5);
    }
    pages.push({ what, answered_ms: spread(took) });
  }
  return { jobs, pages };
}

/** What is asked for: in words, as a query, how often. */
function asked(first: readonly string[], requests: number): [what: string, query: string, times: number][] {
  const few = Math.ceil(requests / 20);
  return [
    ['newest first', '', requests],
    ['with a `status`', 'status=queued', requests],
    ['with a `type`', 'type=lr_find', requests],
    ['with `status` and `type`, many', 'status=completed&type=fit', requests],
    ['with `status` and `type`, few', 'status=queued&type=lr_find', requests],
    ['with a `tag` of a tenth of them', 'tag=team:team3', requests],
    ['with a `tag` of one', `tag=run:${first.length}`, requests],
    ['with `tag`, `status` and `type` that none has together', 'tag=team:team3&status=failed&type=fit', requests],
    ['`after` the one in the middle', `status=completed&type=fit&after=${first[first.length >> 1]}`, requests],
    ['with words (`q`) that many have', 'q=one_cycle', requests],
    ['with words (`q`) that none has', 'q=nowhere', few],
    ['sorted by a metric', 'sort=-metrics.accuracy', few],
    ['sorted by a metric, with a `tag` of a tenth', 'sort=-metrics.accuracy&tag=team:team3', few],
  ];
}

const spec = (job: number, policy: JobSpec['policy']): JobSpec => ({
  policy,
  dataset: { builtin: 'digits' },
  model: { preset: 'mlp', hidden: [64] },
  batch_size: 64,
  shuffle: true,
  drop_last: true,
  seed: job,
  split: { valid_pct: 0.2, seed: 42 },
  loss: 'cross_entropy',
  metrics: ['accuracy'],
  optimizer: completeOptimizer({ name: 'adam' }),
  train_bn: true,
  wd_bn_bias: false,
  callbacks: [],
  tags: { team: `team${job % 10}`, run: String(job) },
  max_attempts: 3,
  timeout_seconds: null,
  stall_seconds: 300,
  checkpoint_seconds: 30,
  keep_checkpoints: 2,
  priority: 0,
  device: 'auto',
});

/** A tenth look for a rate; most have completed, some thousands wait. */
const statusOf = (job: number, jobs: number): JobStatus =>
  job > jobs * 0.94 ? 'queued' : job % 20 === 7 ? 'failed' : job % 20 === 13 ? 'cancelled' : 'completed';

/** Stores jobs by the scripts that store and end them, many in one go. Returns their ids. */
async function fill(redis: Client, jobs: number): Promise<string[]> {
  const ids = Array.from({ length: jobs }, newJobId);
  for (let from = 0; from < jobs; from += 500) {
    const some = ids.slice(from, from + 500).map((id, i) => ({ id, job: from + i + 1 }));
    await Promise.all(some.map(({ id, job }) => store(redis, id, job, statusOf(job, jobs))));
  }
  return ids;
}

async function store(redis: Client, id: string, job: number, status: JobStatus): Promise<void> {
  const names = [keys.record(id), keys.log(id)];
  const now = new Date().toISOString();
  const finds = job % 10 === 0;
  const policy = finds ? { name: 'lr_find' } : { name: 'fit_one_cycle', n_epoch: 1, lr_max: 0.01 };
  const fields = newRecord(id, finds ? 'lr_find' : 'fit', spec(job, policy as JobSpec['policy']), now);
  const creation = ['', 3600, Infinity, 'cpu', '', 'default', '', '', ''];
  const values = [id, 'queued', Object.keys(fields).length, ...Object.entries(fields).flat()];
  const work = [redis.createJobs(3, keys.idempotency(''), ...names, ...creation, ...values)];
  if (status !== 'queued') {
    work.push(redis.takeJob(2, ...names, 'lease', 'worker', now, '{}', 'cpu', ''));
    const result: JobRecord['result'] = {
      train_loss: 1 / job,
      valid_loss: 2 / job,
      metrics: { accuracy: ((job * 7919) % 10_007) / 10_007 },
    };
    const end = JSON.stringify({ result: JSON.stringify(status === 'completed' ? result : null) });
    work.push(redis.endJob(2, ...names, 1, 'lease', status, now, '', end));
  }
  await Promise.all(work);
}
