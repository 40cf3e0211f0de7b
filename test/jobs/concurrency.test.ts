/** Jobs that share a concurrency key, on real workers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobRecord } from '../../src/jobs/index.js';
import { keys } from '../../src/jobs/redis/keys.js';
import { Queues } from '../../src/jobs/redis/queues.js';
import type { JobSpec } from '../../src/request/spec.js';
import { end, gate, reaches, spec, until, world, type World } from './harness.js';

/** Posts a job of key 'k', one of which may run at once unless `more` says otherwise. */
const post = async (w: World, tags: Record<string, string> = {}, more: Partial<JobSpec> = {}): Promise<string> => {
  const shared = { concurrency_key: 'k', concurrency_limit: 1, ...more };
  return (await w.jobs.create({ type: 'fit', spec: spec(tags, shared) })).record.id;
};
const completed = (w: World, ids: string[]): Promise<JobRecord[]> =>
  Promise.all(ids.map((id) => reaches(w.jobs, id, 'completed')));
const statuses = (w: World, ids: string[]): Promise<(string | undefined)[]> =>
  Promise.all(ids.map(async (id) => (await w.jobs.get(id))?.status));

/** The most of the jobs that ran at one moment. */
const mostAtOnce = (records: JobRecord[]): number =>
  Math.max(
    ...records.map(
      ({ started_at: at }) =>
        records.filter(({ started_at, finished_at }) => started_at! <= at! && at! < finished_at!).length,
    ),
  );

/** Nothing is kept of a key whose jobs have ended. */
async function nothingIsLeft(w: World): Promise<void> {
  await until('nothing is left of the key', async () =>
    (await w.redis.keys('onecycle:concurrency:*')).length === 0 ? true : null,
  );
  assert.equal(await w.redis.exists(keys.aside, keys.crowded), 0);
}

test('as many of a key run as it may; the others wait aside, say why, and hold up nobody', async (t) => {
  const w = await world(t);
  await Promise.all([w.worker(), w.worker(), w.worker()]);
  const gates = [gate(w), gate(w, 'second')];
  const two = { concurrency_limit: 2 };
  const running = [await post(w, gates[0].tags, two), await post(w, gates[1].tags, two)];
  for (const id of running) await reaches(w.jobs, id, 'running');
  const aside = [await post(w, {}, two), await post(w, {}, { ...two, priority: 7 }), await post(w, {}, two)];
  const other = await w.jobs.create({
    type: 'fit',
    spec: spec({}, { concurrency_key: 'other', concurrency_limit: 1 }),
  });
  const without = await w.jobs.create({ type: 'fit', spec: spec() });
  await completed(w, [other.record.id, without.record.id]);
  assert.deepEqual(await statuses(w, aside), ['queued', 'queued', 'queued']);
  assert.deepEqual((await w.jobs.get(aside[0]))?.queue, {
    reason: "other jobs with the concurrency_key 'k' are running or next in line, and its concurrency_limit is 2",
  });
  assert.deepEqual(
    (await w.jobs.queue({ limit: 10, after: 0 })).data.map(({ job }) => job),
    [aside[1], aside[0], aside[2]],
  );
  // One place is free for the three, which can only follow one another.
  await gates[0].open();
  const followers = await completed(w, aside);
  await gates[1].open();
  assert.ok(mostAtOnce([...(await completed(w, running)), ...followers]) <= 2);
  const [first, second, third] = followers.map(({ started_at }) => started_at!);
  assert.ok(second <= first && first <= third, 'in the order of their priorities, then of their posting');
  await nothingIsLeft(w);
});

test('2,000 jobs of one key do not delay the job of another, not even where one worker does it all', async (t) => {
  const w = await world(t);
  const many: string[] = [];
  while (many.length < 2_000) many.push(...(await Promise.all(Array.from({ length: 500 }, () => post(w)))));
  const other = await w.jobs.create({
    type: 'fit',
    spec: spec({}, { concurrency_key: 'other', concurrency_limit: 1 }),
  });
  await w.worker();
  await reaches(w.jobs, other.record.id, 'completed');
  assert.ok((await w.jobs.queue({ limit: 1, after: 0 })).queued >= 1_990);
});

for (const [maxAttempts, status] of [
  [3, 'completed'],
  [1, 'failed'],
] as const) {
  test(`kill -9 of the worker that runs one of ${maxAttempts} attempts: its place is free when it has ${status}`, async (t) => {
    const w = await world(t);
    const first = await w.worker();
    const g = gate(w);
    const lost = await post(w, g.tags, { max_attempts: maxAttempts });
    await reaches(w.jobs, lost, 'running');
    const next = [await post(w), await post(w)];
    await w.worker();
    await end(first, 'SIGKILL');
    await until('another worker has it', async () =>
      (await w.jobs.get(lost))?.attempt === 2 || maxAttempts === 1 ? true : null,
    );
    if (maxAttempts > 1) assert.deepEqual(await statuses(w, [lost, ...next]), ['running', 'queued', 'queued']);
    await g.open();
    const ended = await reaches(w.jobs, lost, status);
    for (const { started_at } of await completed(w, next)) assert.ok(started_at! >= ended.finished_at!);
    await nothingIsLeft(w);
  });
}

test('a place is free when its job is cancelled: in line, aside or at work', async (t) => {
  const w = await world(t);
  const [inLine, aside, next, last] = [await post(w), await post(w), await post(w, gate(w).tags), await post(w)];
  await w.jobs.cancel(aside);
  await w.jobs.cancel(inLine);
  await w.worker();
  await reaches(w.jobs, next, 'running');
  assert.equal((await w.jobs.get(last))?.status, 'queued');
  await w.jobs.cancel(next);
  await completed(w, [last]);
  assert.deepEqual(await statuses(w, [inLine, aside, next]), ['cancelled', 'cancelled', 'cancelled']);
  await nothingIsLeft(w);
});

test('a job that is handed back keeps its place in its key', async (t) => {
  const w = await world(t);
  const first = await w.worker();
  const g = gate(w);
  const back = await post(w, g.tags);
  const next = await post(w);
  await reaches(w.jobs, back, 'running');
  await end(first, 'SIGTERM');
  assert.deepEqual(await statuses(w, [back, next]), ['queued', 'queued']);
  await g.open();
  await w.worker();
  const ended = await completed(w, [back, next]);
  assert.equal(mostAtOnce(ended), 1);
  assert.ok(ended[1].started_at! >= ended[0].finished_at!);
});

test('one that waits for another kind of worker holds up none of its key; taken later, it waits for its turn', async (t) => {
  const w = await world(t);
  await w.worker();
  const g = gate(w);
  const gpu = await post(w, {}, { device: 'gpu' });
  const cpu = await post(w, g.tags, { device: 'cpu' });
  await reaches(w.jobs, cpu, 'running');
  await w.worker({ device: 'cuda:0' });
  await until('it was taken too early', async () => w.redis.zscore(keys.aside, gpu));
  await g.open();
  assert.equal(mostAtOnce(await completed(w, [cpu, gpu])), 1);
  await nothingIsLeft(w);
});

test('jobs that wait aside go with their kind: to the CPU when the last GPU worker is gone', async (t) => {
  const w = await world(t);
  const gpu = await w.worker({ device: 'cuda:0' });
  await w.worker();
  const g = gate(w);
  const ids = [await post(w, g.tags), await post(w), await post(w)];
  await reaches(w.jobs, ids[0], 'running');
  await end(gpu, 'SIGKILL');
  await g.open();
  const ended = await completed(w, ids);
  assert.equal(mostAtOnce(ended), 1);
  assert.deepEqual(
    ended.map(({ attempt }) => attempt),
    [2, 1, 1],
  );
  await nothingIsLeft(w);
});

test('a finder and its fit share a key in which one may run', async (t) => {
  const w = await world(t);
  const shared = { concurrency_key: 'k', concurrency_limit: 1 };
  const rate = { lr_find: { suggestion: 'valley' as const } };
  const { record: fit } = await w.jobs.create({
    type: 'fit',
    spec: spec({}, { ...shared, policy: { name: 'fit_one_cycle', n_epoch: 1, lr_max: rate } }),
    finder: { spec: spec({ batches: '100' }, { ...shared, policy: { name: 'lr_find' } }), suggestion: 'valley' },
  });
  const last = await post(w);
  await Promise.all([w.worker(), w.worker()]);
  const ended = await completed(w, [fit.lr_find!.job, fit.id, last]);
  assert.equal(mostAtOnce(ended), 1);
  assert.ok(ended[1].started_at! < ended[2].started_at!);
  await nothingIsLeft(w);
});

test('what a process leaves half-done between a free place and the queue is found', async (t) => {
  const w = await world(t);
  const other = { concurrency_key: 'other' };
  const [first, second] = [await post(w), await post(w)];
  const [third, fourth] = [await post(w, {}, other), await post(w, {}, other)];
  const queues = new Queues(w.redis);
  for (const id of [first, third]) {
    await w.redis.cancelJob(2, keys.record(id), keys.log(id), new Date().toISOString());
    await queues.remove('cpu', id);
  }
  // A process ended before it let the next one in; another one before that was in its queue.
  assert.deepEqual(await w.redis.admitJobs(0, 'other'), ['cpu', fourth]);
  await w.worker();
  await completed(w, [second, fourth]);
  await nothingIsLeft(w);
});
