/** How far a job is and when it will have ended, as its record and its frames say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame } from '../../src/jobs/index.js';
import { noProgress, percentOf, progressOf, timeAfter } from '../../src/jobs/progress.js';
import { jobStatuses } from '../../src/jobs/record.js';
import { keys } from '../../src/jobs/redis/keys.js';
import { gate, reaches, readFrames, spec, until, wholeLog, world } from './harness.js';

const at = (iteration: number, n_iteration: number | null) => ({ ...noProgress, iteration, n_iteration });

test('percent is of all iterations, rounded down, and 0 until these are known', () => {
  for (const [iteration, n_iteration, percent] of [
    [0, null, 0],
    [0, 0, 0],
    [0, 300, 0],
    [1, 300, 0.33],
    [200, 300, 66.66],
    [299_999, 300_000, 99.99],
    [300, 300, 100],
    [301, 300, 100],
  ] as const)
    assert.equal(percentOf(at(iteration, n_iteration)), percent, `${iteration} of ${n_iteration}`);
});

test('what has completed is at 100 wherever it stopped; only what runs has an estimate', () => {
  const stored = { ...at(30, 120), estimated_finish: '2026-01-01T00:00:00.000Z' };
  for (const status of jobStatuses) {
    const { percent, estimated_finish } = progressOf(stored, status);
    assert.equal(percent, status === 'completed' ? 100 : 25, status);
    assert.equal(estimated_finish, status === 'running' ? stored.estimated_finish : null, status);
  }
});

test('a time beyond the calendar is unknown', () => {
  for (const ms of [null, NaN, Infinity, 1e15, 1e18]) assert.equal(timeAfter(ms), null);
  const before = Date.now();
  const inAMinute = Date.parse(timeAfter(60_000)!) - 60_000;
  assert.ok(inAMinute >= before && inAMinute <= Date.now());
});

const progressIn = (frames: readonly Frame[]) =>
  frames.flatMap((frame) => (frame.type === 'batches' || frame.type === 'epoch' ? [frame.progress!] : []));

test('a running job says more and more percent, and when it will have ended; a cancelled one no more', async (t) => {
  const w = await world(t);
  await w.worker();
  const { record } = await w.jobs.create({ type: 'fit', spec: spec({ ...gate(w).tags, batches: '1000000' }) });
  assert.deepEqual(
    [record.progress.percent, record.progress.estimated_finish, record.progress.n_iteration],
    [0, null, null],
  );
  const read = async () => (await w.jobs.get(record.id))!.progress;
  const first = await until('there is an estimate', async () => {
    const progress = await read();
    return progress.estimated_finish === null ? null : progress;
  });
  assert.ok(Date.parse(first.estimated_finish!) > Date.now());
  const next = await until('it has gone on', async () => {
    const progress = await read();
    return progress.percent > first.percent ? progress : null;
  });
  assert.ok(next.percent < 100 && Date.parse(next.estimated_finish!) > Date.now());
  await w.jobs.cancel(record.id);
  const { progress } = await reaches(w.jobs, record.id, 'cancelled');
  assert.equal(progress.estimated_finish, null);
  assert.ok(progress.percent >= next.percent && progress.percent < 100);

  const told = progressIn(await wholeLog(w.jobs, record.id));
  assert.equal(told[0].estimated_finish, null);
  assert.ok(told.some(({ estimated_finish }) => estimated_finish !== null));
  assert.ok(told.every(({ percent }, i) => i === 0 || percent >= told[i - 1].percent));
  assert.equal(told.at(-1)!.percent, progress.percent);
});

test('frames count to 100 percent', async (t) => {
  const w = await world(t);
  await w.worker();
  const { record } = await w.jobs.create({ type: 'fit', spec: spec({ batches: '20', per_frame: '5' }) });
  await reaches(w.jobs, record.id, 'completed');
  assert.deepEqual(
    progressIn(await readFrames(w.jobs, record.id)).map(({ percent }) => percent),
    [25, 50, 75, 100, 100],
  );
});

test('an attempt that takes over knows of no estimate', async (t) => {
  const w = await world(t);
  const { id } = (await w.jobs.create({ type: 'fit', spec: spec() })).record;
  const died = '{"code":"trainer_crashed","message":"m"}';
  const take = (lease: string) => w.redis.takeJob(2, keys.record(id), keys.log(id), lease, 'w', 'now', died, 'cpu');
  await take('first');
  // Without a worker there would be no estimate either.
  await w.redis.set(keys.worker('w'), 'lives');
  const estimated_finish = '2026-01-01T00:00:00.000Z';
  await w.redis.hset(keys.record(id), { progress: JSON.stringify({ ...at(50, 100), estimated_finish }) });
  assert.deepEqual((await w.jobs.get(id))!.progress, { ...at(50, 100), percent: 50, estimated_finish });
  await take('second');
  assert.deepEqual((await w.jobs.get(id))!.progress, { ...at(0, 100), percent: 0 });
});
