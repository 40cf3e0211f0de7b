/** Jobs beside one another, as `onecycle up` runs them when nothing is set but the number of threads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Server } from './harness.js';

const digits = (name: string, hidden: number[], more: object = {}) => ({
  name,
  policy: { name: 'fit', n_epoch: 100_000, lr: 1e-3 },
  dataset: { builtin: 'digits' },
  model: { preset: 'mlp', hidden },
  ...more,
});
const small = (name: string) => digits(name, [8]);
const large = digits('large', [1024, 1024]);

interface Worker {
  jobs: { job: string; threads: number }[];
  threads: number;
  slots: number;
}

test('small jobs run beside one another; a large one has all threads, and what came after it waits', async (t) => {
  const server = await Server.start({ env: { ONECYCLE_SLOTS: '', ONECYCLE_THREADS: '2' } });
  t.after(() => server.stop());
  const names = new Map<string, string>();
  const post = async (spec: { name: string }) => {
    const { id } = await server.submit(spec);
    names.set(id, spec.name);
    return id;
  };
  const worker = async () => ((await server.ok('/workers')) as { data: Worker[] }).data[0];
  const runs = (expected: Record<string, number>) =>
    server.until(`${Object.keys(expected).join(' and ')} run`, async () => {
      const { jobs } = await worker();
      const found = Object.fromEntries(jobs.map(({ job, threads }) => [names.get(job) ?? job, threads]));
      const trains = await Promise.all(jobs.map(async ({ job }) => (await server.job(job)).progress.iteration > 0));
      return JSON.stringify(found) === JSON.stringify(expected) && trains.every(Boolean);
    });
  const cancel = async (...ids: string[]) => {
    for (const id of ids) assert.equal((await server.post(`/jobs/${id}/cancel`)).status, 200);
  };

  const [first, second] = [await post(small('first')), await post(small('second'))];
  await runs({ first: 1, second: 1 });
  assert.deepEqual((({ threads, slots }) => ({ threads, slots }))(await worker()), { threads: 2, slots: 2 });
  const all = await post(large);
  const third = await post(small('third'));

  await cancel(first);
  await runs({ second: 1 });
  assert.deepEqual(
    await Promise.all([all, third].map(async (id) => (await server.job(id)).status)),
    ['queued', 'queued'],
    'one thread is free, and the large one is to be the next',
  );
  await cancel(second);
  await runs({ large: 2 });
  assert.equal((await server.job(third)).status, 'queued');
  await cancel(all);
  await runs({ third: 1 });
  await cancel(third);
});
