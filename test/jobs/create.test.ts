import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { OnecycleError } from '../../src/errors.js';
import { Jobs } from '../../src/jobs/index.js';
import { artifacts } from '../../src/jobs/index.js';
import { keys } from '../../src/jobs/redis/keys.js';
import { sweepFiles } from '../../src/jobs/sweep.js';
import { reaches, spec, wholeLog, world } from './harness.js';

test('an idempotency key stands for its first job', async (t) => {
  const w = await world(t);
  const files = { dataset: Buffer.from('{}') };
  const job = { type: 'fit', spec: spec(), files, idempotency: { key: 'k', bodyHash: 'a' } } as const;
  const many = await Promise.all(Array.from({ length: 8 }, () => w.jobs.create(job)));
  assert.equal(many.filter(({ created }) => created).length, 1);
  assert.equal(new Set(many.map(({ record }) => record.id)).size, 1);
  await assert.rejects(
    w.jobs.create({ ...job, idempotency: { key: 'k', bodyHash: 'b' } }),
    (error) => error instanceof OnecycleError && error.code === 'idempotency_mismatch',
  );
  assert.equal((await w.jobs.create({ ...job, idempotency: { key: 'other', bodyHash: 'b' } })).created, true);
  assert.equal((await w.jobs.list({ limit: 10 })).data.length, 2);
  assert.equal((await readdir(join(w.folder, 'artifacts', 'jobs'))).length, 2);
});

test('lists: newest first, by status and type, page by page', async (t) => {
  const w = await world(t);
  const ids: string[] = [];
  for (let i = 0; i < 7; i++)
    ids.unshift(
      (
        await w.jobs.create({
          type: i % 2 ? 'lr_find' : 'fit',
          spec: spec({}, i % 2 ? { policy: { name: 'lr_find' } } : {}),
        })
      ).record.id,
    );
  await w.jobs.cancel(ids[0]);
  const list = async (options: Parameters<Jobs['list']>[0]): Promise<[string[], boolean]> => {
    const { data, has_more } = await w.jobs.list(options);
    return [data.map(({ id }) => id), has_more];
  };
  assert.deepEqual(await list({ limit: 100 }), [ids, false]);
  assert.deepEqual(await list({ limit: 7 }), [ids, false]);
  assert.deepEqual(await list({ limit: 3 }), [ids.slice(0, 3), true]);
  assert.deepEqual(await list({ limit: 3, after: ids[2] }), [ids.slice(3, 6), true]);
  assert.deepEqual(await list({ limit: 3, after: ids[5] }), [ids.slice(6), false]);
  assert.deepEqual(await list({ limit: 9, status: 'cancelled' }), [[ids[0]], false]);
  assert.deepEqual(await list({ limit: 9, status: 'queued', after: ids[3] }), [ids.slice(4), false]);
  assert.deepEqual(await list({ limit: 2, type: 'lr_find' }), [[ids[1], ids[3]], true]);
  assert.deepEqual(await list({ limit: 9, type: 'fit', status: 'queued' }), [[ids[2], ids[4], ids[6]], false]);
  assert.deepEqual(await list({ limit: 9, status: 'failed' }), [[], false]);
  await assert.rejects(
    w.jobs.list({ limit: 1, after: 'job_none' }),
    (error) => error instanceof OnecycleError && error.code === 'invalid_request',
  );
});

test('a server that is away is an answer, not a wait', async (t) => {
  const w = await world(t);
  await assert.rejects(
    Jobs.connect({ path: join(w.folder, 'none.sock') }, w.storage),
    (error) => error instanceof OnecycleError && error.code === 'unavailable',
  );
  assert.equal(await w.jobs.get('job_none'), null);
  assert.equal(existsSync(join(w.folder, 'artifacts')), false);
});

test('many jobs at once, by two workers: each runs once', async (t) => {
  const w = await world(t);
  await Promise.all([w.worker(), w.worker()]);
  const made = await Promise.all(Array.from({ length: 12 }, () => w.jobs.create({ type: 'fit', spec: spec() })));
  for (const { record } of made) assert.equal((await reaches(w.jobs, record.id, 'completed')).attempt, 1);
});

test('a job that Redis cannot take leaves no files', async (t) => {
  const w = await world(t);
  await w.stopRedis();
  for (const idempotency of [undefined, { key: 'k', bodyHash: 'a' }])
    for (const device of ['cpu', 'auto'] as const)
      await assert.rejects(
        w.jobs.create({
          type: 'fit',
          spec: spec({}, { device }),
          files: { dataset: Buffer.from('{}'), weights: Buffer.from('[]') },
          ...(idempotency && { idempotency }),
        }),
        (error) => error instanceof OnecycleError && error.code === 'unavailable',
      );
  assert.deepEqual(await w.storage.list('jobs'), []);
  assert.deepEqual(await w.storage.list(artifacts.creations), []);
});

test('files of a creation that came to no end are removed after a while; those of a job never', async (t) => {
  const w = await world(t);
  const later = Date.now() + 11 * 60_000;
  const files = { dataset: Buffer.from('{}') };
  const { record } = await w.jobs.create({ type: 'fit', spec: spec(), files });
  assert.deepEqual(await w.storage.list(artifacts.creations), []);
  // As a process leaves them that ends before the record is there, or right after it.
  for (const id of ['job_never', record.id]) {
    await w.storage.put(artifacts.creation(id), Buffer.from(String(Date.now())));
    await w.storage.put(artifacts.dataset(id), files.dataset);
  }
  // Without a marker: of a data folder that ran with another Redis, say.
  await w.storage.put(artifacts.weights('job_elsewhere', 1), Buffer.from(''));
  assert.deepEqual(await sweepFiles(w.redis, w.storage), []);
  assert.equal(await w.storage.exists(artifacts.dataset('job_never')), true);
  assert.deepEqual(await sweepFiles(w.redis, w.storage, later), ['job_never']);
  assert.deepEqual((await w.storage.list('jobs')).sort(), ['job_elsewhere', record.id].sort());
  assert.deepEqual(await w.storage.list(artifacts.creations), []);
  // Who wanted to create it slept all the while: it is refused.
  const names = [keys.idempotency(''), keys.record('job_never'), keys.log('job_never')];
  const values = ['', 60, 10, 'cpu', '', 'default', '', '', '', 'job_never', 'queued', 1, 'attempt', '1'];
  assert.deepEqual(await w.redis.createJobs(names.length, ...names, ...values), ['abandoned']);
  assert.equal(await w.jobs.get('job_never'), null);
});

test('two fits and their finders: a fit goes on as soon as its finder has ended, before all others', async (t) => {
  const w = await world(t);
  const fits: string[] = [];
  for (let i = 0; i < 2; i++) {
    const { record } = await w.jobs.create({
      type: 'fit',
      spec: spec({}, { policy: { name: 'fit_one_cycle', n_epoch: 1, lr_max: { lr_find: { suggestion: 'valley' } } } }),
      finder: { spec: spec({ batches: '100' }, { policy: { name: 'lr_find' } }), suggestion: 'valley' },
    });
    fits.push(record.id);
  }
  const { record: last } = await w.jobs.create({ type: 'fit', spec: spec() });
  await w.worker();
  await wholeLog(w.jobs, last.id);
  const [first, second, third] = await Promise.all([...fits, last.id].map((id) => reaches(w.jobs, id, 'completed')));
  const finder = (await w.jobs.get(second.lr_find!.job))!;
  assert.ok(first.started_at! < finder.started_at!, 'the first fit before the second finder');
  assert.ok(second.started_at! < third.started_at!, 'the second fit before the job that was posted last');
});
