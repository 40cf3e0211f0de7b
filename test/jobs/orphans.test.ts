/** What nothing refers to is swept; what a running attempt or a creation uses is not. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { artifacts } from '../../src/jobs/index.js';
import { Orphans, ownsStorage } from '../../src/jobs/orphans.js';
import { pinCheckpoint } from '../../src/jobs/redis/checkpoints.js';
import { keys } from '../../src/jobs/redis/keys.js';
import { end, gate, reaches, spec, until, world, type World } from './harness.js';

const minuteMs = 60_000;

const workFolders = async (w: World, id: string): Promise<string[]> =>
  (await w.storage.workFolders()).filter((name) => name.includes(id)).sort();

test('kill -9 of a worker: the work folders of its attempt go, those of the next one stay', async (t) => {
  const w = await world(t);
  const worker = await w.worker();
  const g = gate(w);
  const { id } = (await w.jobs.create({ type: 'fit', spec: spec(g.tags) })).record;
  const [first, next] = [`${id}-1`, `${id}-2`];
  await until('it has its folder', async () => ((await workFolders(w, id)).length === 1 ? true : null));
  await end(worker, 'SIGKILL');
  assert.deepEqual(await workFolders(w, id), [first]);
  // As one leaves it that is killed while it makes its file of frames.
  const frames = `frames-${id}-1`;
  await w.storage.workFolder(frames);
  await w.worker();
  await until('the next attempt runs', async () => ((await w.jobs.existing(id)).attempt === 2 ? true : null));
  await until('the old ones are gone', async () => {
    const names = await workFolders(w, id);
    return names.some((name) => name === first || name === frames) ? null : true;
  });
  // Another turn leaves those that are in use, however old.
  const orphans = new Orphans(w.redis, w.storage);
  for (const nowMs of [0, 11 * minuteMs]) assert.deepEqual((await orphans.sweep(nowMs)).workFolders, []);
  assert.deepEqual(await workFolders(w, id), [next]);
  await g.open();
  await reaches(w.jobs, id, 'completed');
});

test('a checkpoint that a worker had stored and not told of when it died goes when the job has ended', async (t) => {
  const w = await world(t);
  const worker = await w.worker();
  const g = gate(w);
  const { id } = (await w.jobs.create({ type: 'fit', spec: spec({ ...g.tags, checkpoint_every: '5' }) })).record;
  const [known] = await until('it has a checkpoint', async () => {
    const checkpoints = await w.jobs.checkpoints(id);
    return checkpoints.length > 0 ? checkpoints : null;
  });
  await w.jobs.pause(id);
  await reaches(w.jobs, id, 'paused');
  await end(worker, 'SIGTERM');
  await w.storage.put(artifacts.checkpoint(id, 'ckpt_stray'), Buffer.from(''));
  await w.jobs.cancel(id);
  await w.worker();
  await until('it is gone', async () =>
    (await w.storage.exists(artifacts.checkpoint(id, 'ckpt_stray'))) ? null : true,
  );
  const kept = await w.jobs.checkpoints(id);
  assert.ok(known.iteration > 0 && kept.length > 0);
  for (const each of kept) assert.ok(await w.storage.exists(artifacts.checkpoint(id, each.id)));
});

test('files without a record are removed after a while, unless a job is being created with them', async (t) => {
  const w = await world(t);
  const files = { dataset: Buffer.from('{}') };
  const { id } = (await w.jobs.create({ type: 'fit', spec: spec(), files })).record;
  // As a worker leaves them that was stopped for long and writes for a deleted job; and a creation that goes on.
  for (const job of ['job_gone', 'job_new']) await w.storage.put(artifacts.dataset(job), files.dataset);
  await w.storage.put(artifacts.creation('job_new'), Buffer.from(String(Date.now())));
  await w.storage.workFolder('a-file-half-written');
  const orphans = new Orphans(w.redis, w.storage);
  const nothing = { jobs: [], workFolders: [] };
  assert.deepEqual(await orphans.sweep(0), nothing);
  assert.deepEqual(await orphans.sweep(9 * minuteMs), nothing);
  assert.deepEqual(await orphans.sweep(11 * minuteMs), { jobs: ['job_gone'], workFolders: ['a-file-half-written'] });
  assert.deepEqual((await w.storage.list(artifacts.folders)).sort(), [id, 'job_new'].sort());
  assert.deepEqual(await orphans.sweep(30 * minuteMs), nothing);
});

test('a pin of a job that was never created holds its checkpoint no longer than that', async (t) => {
  const w = await world(t);
  const worker = await w.worker();
  const { id } = (await w.jobs.create({ type: 'fit', spec: spec() })).record;
  await reaches(w.jobs, id, 'completed');
  await end(worker, 'SIGTERM');
  const { id: checkpoint } = await w.jobs.checkpoint(id, 'last');
  assert.equal(await pinCheckpoint(w.redis, id, checkpoint, 'job_never'), true);
  await w.jobs.remove(id);
  const file = artifacts.checkpoint(id, checkpoint);
  const orphans = new Orphans(w.redis, w.storage);
  await orphans.sweep(0);
  assert.ok(await w.storage.exists(file));
  assert.deepEqual((await orphans.sweep(11 * minuteMs)).jobs, [id]);
  assert.equal(await w.storage.exists(artifacts.folder(id)), false);
  assert.equal(await w.redis.exists(keys.checkpoints(id), keys.pins(checkpoint)), 0);
  // Whoever wanted to create it slept all the while: it is refused.
  const names = [keys.idempotency(''), keys.record('job_never'), keys.log('job_never')];
  const values = ['', 60, 10, 'cpu', '', 'default', '', '', '', 'job_never', 'queued', 1, 'attempt', '1'];
  assert.deepEqual(await w.redis.createJobs(names.length, ...names, ...values), ['abandoned']);
});

test('a pin of a job that exists holds its checkpoint for good', async (t) => {
  const w = await world(t);
  const worker = await w.worker();
  const { id } = (await w.jobs.create({ type: 'fit', spec: spec() })).record;
  await reaches(w.jobs, id, 'completed');
  await end(worker, 'SIGTERM');
  const { id: checkpoint } = await w.jobs.checkpoint(id, 'last');
  const continue_from = { job: id, checkpoint, optimizer: false };
  await w.jobs.create({ type: 'fit', spec: spec({}, { continue_from }) });
  await w.jobs.remove(id);
  const orphans = new Orphans(w.redis, w.storage);
  for (const nowMs of [0, 11 * minuteMs, 22 * minuteMs]) assert.deepEqual((await orphans.sweep(nowMs)).jobs, []);
  assert.ok(await w.storage.exists(artifacts.checkpoint(id, checkpoint)));
});

test('a data folder belongs to the Redis that it was first used with', async (t) => {
  const [a, b] = [await world(t), await world(t)];
  // Started before there was a worker: it has a job that this Redis knows.
  const files = { dataset: Buffer.from('{}') };
  await a.jobs.create({ type: 'fit', spec: spec(), files });
  assert.equal(await ownsStorage(b.redis, a.storage), false);
  assert.equal(await ownsStorage(a.redis, a.storage), true);
  assert.equal(await ownsStorage(a.redis, a.storage), true);
  assert.equal(await ownsStorage(b.redis, a.storage), false);
  // Redis has lost everything.
  await a.redis.flushall();
  assert.equal(await ownsStorage(a.redis, a.storage), false);
  await rm(join(a.folder, 'artifacts'), { recursive: true });
  assert.equal(await ownsStorage(a.redis, a.storage), true);
});
