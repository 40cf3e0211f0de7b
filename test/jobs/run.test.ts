import assert from 'node:assert/strict';
import { test } from 'node:test';
import { artifacts } from '../../src/jobs/index.js';
import { end, gate, iterations, outline, reaches, spec, wholeLog, world, type World } from './harness.js';

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
  assert.deepEqual(record.progress, {
    ...{ phase: 0, epoch: 1, n_epoch: 1, iteration: 23, n_iteration: 23 },
    ...{ percent: 100, estimated_finish: null },
  });
  assert.deepEqual(record.result, { train_loss: 1, valid_loss: null, metrics: {} });
  assert.deepEqual(record.phases, [{ phase: 0, n_epoch: 1, n_iteration: 23, frozen_to: 0 }]);
  assert.deepEqual(record.n_row, { train: 23, valid: 0 });
  assert.equal(record.engine?.name, 'wasm');
  assert.ok(record.created_at <= record.started_at! && record.started_at! <= record.finished_at!);
  const weights = JSON.parse((await w.storage.get(artifacts.weights(created.id, 1))).toString()) as unknown;
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
  const weights = JSON.parse((await w.storage.get(artifacts.weights(record.id, 1))).toString()) as { files: string[] };
  assert.deepEqual(weights.files, ['dataset', 'weights']);
  assert.deepEqual(await w.storage.get(artifacts.dataset(record.id)), files.dataset);
});

/** The card that a completed job's trainer saw: '-1' for none. */
async function cardOf(w: World, id: string): Promise<string> {
  await reaches(w.jobs, id, 'completed');
  return (
    JSON.parse((await w.storage.get(artifacts.weights(id, (await w.jobs.existing(id)).attempt))).toString()) as {
      cuda: string;
    }
  ).cuda;
}

test('jobs go to a worker of their device; auto to a GPU where a worker has one, whenever it was posted', async (t) => {
  const w = await world(t);
  const before = await w.jobs.create({ type: 'fit', spec: spec() });
  assert.deepEqual(before.record.queue, { reason: 'no worker is running' });
  await w.worker({ device: 'cuda:1' });
  const after = await w.jobs.create({ type: 'fit', spec: spec() });
  assert.equal(after.record.queue, undefined);
  for (const { record } of [before, after]) assert.equal(await cardOf(w, record.id), '1');
  assert.deepEqual(
    (await w.jobs.workers()).map(({ device, kind, engine }) => [device, kind, engine?.name]),
    [['cuda:1', 'gpu', 'wasm']],
  );
  const cpu = await w.jobs.create({ type: 'fit', spec: spec({}, { device: 'cpu' }) });
  assert.deepEqual(cpu.record.queue, { reason: 'no live worker runs on the CPU' });
  await w.worker();
  assert.equal(await cardOf(w, cpu.record.id), '-1');
  assert.equal((await w.jobs.get(cpu.record.id))?.queue, undefined);
});

test('a job for a GPU where none lives waits and says why, by itself and in lists', async (t) => {
  const w = await world(t);
  await w.worker();
  const { record } = await w.jobs.create({ type: 'fit', spec: spec({}, { device: 'gpu' }) });
  await reaches(w.jobs, (await w.jobs.create({ type: 'fit', spec: spec() })).record.id, 'completed');
  const queue = { reason: 'no live worker has a GPU' };
  assert.deepEqual([record.queue, (await w.jobs.get(record.id))?.queue], [queue, queue]);
  assert.deepEqual(
    (await w.jobs.list({ limit: 10 })).data.map((job) => job.queue),
    [undefined, queue],
  );
  assert.equal((await w.jobs.cancel(record.id)).queue, undefined);
});

test('jobs for auto go to the CPU, in their order, when the last GPU worker is gone; finders too', async (t) => {
  const w = await world(t);
  const gpu = await w.worker({ device: 'cuda:0' });
  await w.worker();
  const g = gate(w);
  const busy = await w.jobs.create({ type: 'fit', spec: spec(g.tags) });
  await reaches(w.jobs, busy.record.id, 'running');
  const fit = await w.jobs.create({
    type: 'fit',
    spec: spec({}, { policy: { name: 'fit_one_cycle', n_epoch: 1, lr_max: { lr_find: { suggestion: 'valley' } } } }),
    finder: { spec: spec({ batches: '100' }, { policy: { name: 'lr_find' } }), suggestion: 'valley' },
  });
  const last = await w.jobs.create({ type: 'fit', spec: spec() });
  const gone = await w.jobs.create({ type: 'fit', spec: spec() });
  await w.jobs.cancel(gone.record.id);
  await g.open();
  await end(gpu, 'SIGKILL');
  // The one that ran is taken over too: its worker's queue has no worker any more.
  for (const { record } of [busy, last, fit]) assert.equal(await cardOf(w, record.id), '-1');
  const [finder, fitted, later] = await Promise.all(
    [fit.record.lr_find!.job, fit.record.id, last.record.id].map(async (id) => (await w.jobs.get(id))!),
  );
  assert.deepEqual([finder.attempt, fitted.attempt, later.attempt], [1, 1, 1]);
  assert.equal((await w.jobs.get(busy.record.id))?.attempt, 2);
  assert.ok(finder.started_at! < fitted.started_at! && fitted.started_at! < later.started_at!);
  assert.equal((await w.jobs.get(gone.record.id))?.status, 'cancelled');
});

test('workers that move jobs at once and workers that take them meanwhile: each job runs once', async (t) => {
  const w = await world(t);
  const made = await Promise.all(Array.from({ length: 20 }, () => w.jobs.create({ type: 'fit', spec: spec() })));
  await Promise.all([w.worker(), w.worker({ device: 'cuda:0' }), w.worker({ device: 'cuda:1' })]);
  for (const { record } of made) {
    const { attempt } = await reaches(w.jobs, record.id, 'completed');
    assert.equal(attempt, 1);
    assert.equal(outline(await wholeLog(w.jobs, record.id)).filter((name) => name === 'running').length, 1);
  }
});

test('a job that takes too long fails with timeout', async (t) => {
  const w = await world(t);
  await w.worker();
  const { record } = await w.jobs.create({ type: 'fit', spec: spec(gate(w).tags, { timeout_seconds: 0.3 }) });
  const { error } = await reaches(w.jobs, record.id, 'failed');
  assert.equal(error?.code, 'timeout');
  assert.equal(outline(await wholeLog(w.jobs, record.id)).at(-1), 'failed');
});
