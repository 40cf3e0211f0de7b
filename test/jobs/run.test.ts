import assert from 'node:assert/strict';
import { test } from 'node:test';
import { artifacts } from '../../src/jobs/index.js';
import { gate, iterations, outline, reaches, spec, wholeLog, world } from './harness.js';

test('a job runs to its end: record, log and files', async (t) => {
  const w = await world(t);
  await w.worker();
  const { record: created, created: isNew } = await w.jobs.create({
    type: 'fit',
    spec: spec({ batches: '23' }, { name: 'first' }),
  });
  assert.equal(isNew, true);
  assert.match(created.id, /^job_[0-9A-Za-z]{20}$/);
  assert.ok(['queued', 'running'].includes(created.status));
  const frames = await wholeLog(w.jobs, created.id);
  assert.deepEqual(outline(frames), ['queued', 'running', 'batches', 'epoch', 'completed']);
  assert.deepEqual(
    frames.map(({ seq }) => seq),
    frames.map((_, i) => i),
  );
  assert.deepEqual(
    iterations(frames, 1),
    Array.from({ length: 23 }, (_, i) => i),
  );
  const record = (await w.jobs.get(created.id))!;
  assert.equal(record.status, 'completed');
  assert.equal(record.name, 'first');
  assert.deepEqual(record.progress, { phase: 0, epoch: 1, n_epoch: 1, iteration: 23, n_iteration: 23 });
  assert.deepEqual(record.result, { train_loss: 1, valid_loss: null, metrics: {} });
  assert.deepEqual(record.phases, [{ phase: 0, n_epoch: 1, n_iteration: 23, frozen_to: 0 }]);
  assert.deepEqual(record.n_row, { train: 23, valid: 0 });
  assert.equal(record.engine?.name, 'wasm');
  assert.ok(record.created_at <= record.started_at! && record.started_at! <= record.finished_at!);
  const weights = JSON.parse((await w.storage.get(artifacts.weights(created.id))).toString()) as unknown;
  assert.deepEqual(weights, { job: created.id, attempt: 1, files: [], cuda: '-1' });
  assert.deepEqual(
    Object.keys(record).filter((name) => name.startsWith('_')),
    [],
  );
});

test('a failure that is typed is final, and says where it was', async (t) => {
  const w = await world(t);
  await w.worker();
  const { record } = await w.jobs.create({ type: 'fit', spec: spec({ ending: 'failed' }) });
  const { error, attempt, result } = await reaches(w.jobs, record.id, 'failed');
  assert.deepEqual(error, {
    code: 'diverged',
    message: 'The loss is not a number.',
    attempt: 1,
    phase: 0,
    epoch: 0,
    iteration: 7,
  });
  assert.deepEqual([attempt, result], [1, null]);
  assert.deepEqual((await wholeLog(w.jobs, record.id)).at(-1), {
    type: 'status',
    seq: 6,
    status: 'failed',
    attempt: 1,
    error,
  });
});

test('inline data reach the trainer as files', async (t) => {
  const w = await world(t);
  await w.worker();
  const inline = { rows: 1, x_shape: [1], target: { kind: 'values' as const, outputs: 1 }, sha256: 'x' };
  const files = { dataset: Buffer.from('{"x":[[1]],"y":[1]}'), weights: Buffer.from('[]') };
  const { record } = await w.jobs.create({
    type: 'fit',
    spec: spec({}, { dataset: { inline }, model: { preset: 'linear', weights: { sha256: 'y' } } }),
    files,
  });
  await reaches(w.jobs, record.id, 'completed');
  const weights = JSON.parse((await w.storage.get(artifacts.weights(record.id))).toString()) as { files: string[] };
  assert.deepEqual(weights.files, ['dataset', 'weights']);
  assert.deepEqual(await w.storage.get(artifacts.dataset(record.id)), files.dataset);
});

test('jobs go to the queue of their device', async (t) => {
  const w = await world(t);
  const before = await w.jobs.create({ type: 'fit', spec: spec() });
  await w.worker({ device: 'cuda:1' });
  const after = await w.jobs.create({ type: 'fit', spec: spec() });
  const cpu = await w.jobs.create({ type: 'fit', spec: spec({}, { device: 'cpu' }) });
  await reaches(w.jobs, after.record.id, 'completed');
  const weights = JSON.parse((await w.storage.get(artifacts.weights(after.record.id))).toString()) as { cuda: string };
  assert.equal(weights.cuda, '1');
  assert.deepEqual(
    (await w.jobs.workers()).map(({ device, kind, engine }) => [device, kind, engine?.name]),
    [['cuda:1', 'gpu', 'wasm']],
  );
  for (const { record } of [before, cpu]) assert.equal((await w.jobs.get(record.id))?.status, 'queued');
  await w.worker();
  for (const { record } of [before, cpu]) await reaches(w.jobs, record.id, 'completed');
});

test('a job that takes too long fails with timeout', async (t) => {
  const w = await world(t);
  await w.worker();
  const { record } = await w.jobs.create({ type: 'fit', spec: spec(gate(w).tags, { timeout_seconds: 0.3 }) });
  const { error } = await reaches(w.jobs, record.id, 'failed');
  assert.equal(error?.code, 'timeout');
  assert.equal(outline(await wholeLog(w.jobs, record.id)).at(-1), 'failed');
});
