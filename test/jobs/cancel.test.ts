import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OnecycleError } from '../../src/errors.js';
import { end, gate, outline, reaches, spec, until, wholeLog, world } from './harness.js';

const conflict = (error: unknown): boolean => error instanceof OnecycleError && error.code === 'conflict';
const notFound = (error: unknown): boolean => error instanceof OnecycleError && error.code === 'job_not_found';

test('a queued job is cancelled at once, and never runs', async (t) => {
  const w = await world(t);
  const { record } = await w.jobs.create({ type: 'fit', spec: spec() });
  const cancelled = await w.jobs.cancel(record.id);
  assert.equal(cancelled.status, 'cancelled');
  assert.ok(cancelled.finished_at);
  await w.worker();
  const { record: next } = await w.jobs.create({ type: 'fit', spec: spec() });
  await reaches(w.jobs, next.id, 'completed');
  assert.deepEqual(await w.jobs.get(record.id), cancelled);
  assert.deepEqual(outline(await wholeLog(w.jobs, record.id)), ['queued', 'cancelled']);
});

test('a running job is cancelled by its worker', async (t) => {
  const w = await world(t);
  await w.worker();
  const { record } = await w.jobs.create({ type: 'fit', spec: spec(gate(w).tags) });
  await reaches(w.jobs, record.id, 'running');
  assert.equal((await w.jobs.cancel(record.id)).status, 'running');
  await reaches(w.jobs, record.id, 'cancelled');
  assert.equal(outline(await wholeLog(w.jobs, record.id)).at(-1), 'cancelled');
});

test('a trainer that does not hear is killed', async (t) => {
  const w = await world(t);
  await w.worker();
  const { record } = await w.jobs.create({ type: 'fit', spec: spec({ ...gate(w).tags, deaf: 'yes' }) });
  await until('it trains', async () => ((await w.jobs.readLog(record.id, 2)).length > 0 ? true : null));
  await w.jobs.cancel(record.id);
  await reaches(w.jobs, record.id, 'cancelled');
});

test('a job whose worker has died and that nobody has taken yet is cancelled', async (t) => {
  const w = await world(t);
  const worker = await w.worker();
  const { record } = await w.jobs.create({ type: 'fit', spec: spec(gate(w).tags) });
  await reaches(w.jobs, record.id, 'running');
  await end(worker, 'SIGKILL');
  await until('its heartbeat is over', async () => ((await w.jobs.workers()).length === 0 ? true : null));
  assert.equal((await w.jobs.cancel(record.id)).status, 'cancelled');
  // The queue still has it: whoever takes it finds it ended.
  await w.worker();
  const { record: next } = await w.jobs.create({ type: 'fit', spec: spec() });
  await reaches(w.jobs, next.id, 'completed');
  assert.equal((await w.jobs.get(record.id))?.attempt, 1);
});

test('what has ended is not cancelled, and nothing changes', async (t) => {
  const w = await world(t);
  await w.worker();
  const completed = await w.jobs.create({ type: 'fit', spec: spec() });
  const failed = await w.jobs.create({ type: 'fit', spec: spec({ ending: 'failed' }) });
  for (const [{ record }, status] of [
    [completed, 'completed'],
    [failed, 'failed'],
  ] as const) {
    const before = await reaches(w.jobs, record.id, status);
    await assert.rejects(w.jobs.cancel(record.id), conflict);
    assert.deepEqual(await w.jobs.get(record.id), before);
  }
  await assert.rejects(w.jobs.cancel('job_none'), notFound);
});
