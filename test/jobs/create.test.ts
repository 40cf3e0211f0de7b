import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { OnecycleError } from '../../src/errors.js';
import { Jobs } from '../../src/jobs/index.js';
import { reaches, spec, world } from './harness.js';

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
