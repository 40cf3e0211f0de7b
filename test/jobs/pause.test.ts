/** Pausing, resuming, retrying, and the checkpoints that a job goes on from. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { artifacts } from '../../src/jobs/artifacts.js';
import { isTerminal, type Frame } from '../../src/jobs/index.js';
import { end, gate, outline, reaches, spec, until, wholeLog, world, type World } from './harness.js';

/** The iterations that a log says in the end, after its rewinds. */
function curve(frames: readonly Frame[]): number[] {
  const iterations: number[] = [];
  for (const frame of frames) {
    if (frame.type === 'batches') iterations.push(...frame.iteration);
    if (frame.type === 'rewind') iterations.splice(iterations.findIndex((i) => i >= frame.iteration) >>> 0);
  }
  return iterations;
}

const isWhole = (frames: readonly Frame[]): void => {
  const iterations = curve(frames);
  assert.deepEqual(
    iterations,
    iterations.map((_, i) => i),
  );
  assert.deepEqual(
    frames.map(({ seq }) => seq),
    frames.map((_, i) => i),
  );
};

const trainedTo = (w: World, id: string, iteration: number) =>
  until(`it has trained ${iteration}`, async () => (await w.jobs.existing(id)).progress.iteration >= iteration || null);

test('a running job is paused with a checkpoint, frees its worker, and goes on there', async (t) => {
  const w = await world(t);
  await w.worker();
  const g = gate(w);
  const { record } = await w.jobs.create({ type: 'fit', spec: spec({ ...g.tags, batches: '400' }) });
  await trainedTo(w, record.id, 10);
  assert.equal((await w.jobs.pause(record.id)).status, 'pausing');
  const paused = await reaches(w.jobs, record.id, 'paused');
  const [checkpoint] = await w.jobs.checkpoints(record.id);
  assert.equal(checkpoint.reason, 'paused');
  assert.equal(paused.progress.iteration, checkpoint.iteration);

  // The worker is free for others meanwhile.
  const { record: other } = await w.jobs.create({ type: 'fit', spec: spec() });
  await reaches(w.jobs, other.id, 'completed');

  // The free worker may have it before the answer is read.
  assert.match((await w.jobs.resume(record.id)).status, /queued|running/);
  await g.open();
  const ended = await reaches(w.jobs, record.id, 'completed');
  assert.equal(ended.attempt, 2);
  assert.deepEqual(ended.resumed, [
    { attempt: 2, from: checkpoint.id, iteration: checkpoint.iteration, equality: 'exact' },
  ]);
  const frames = await wholeLog(w.jobs, record.id);
  isWhole(frames);
  assert.deepEqual(outline(frames), [
    'queued',
    'running',
    'batches',
    'pausing',
    ...(outline(frames)[4] === 'batches' ? ['batches'] : []),
    'paused',
    'queued',
    'running',
    'rewind',
    'batches',
    'epoch',
    'completed',
  ]);
});

test('a queued job is paused at once; what cannot be paused or resumed is a conflict', async (t) => {
  const w = await world(t);
  const { record } = await w.jobs.create({ type: 'fit', spec: spec() });
  await assert.rejects(w.jobs.resume(record.id), { code: 'conflict' });
  assert.equal((await w.jobs.pause(record.id)).status, 'paused');
  await assert.rejects(w.jobs.pause(record.id), { code: 'conflict' });
  await assert.rejects(w.jobs.pause('job_x'), { code: 'job_not_found' });
  await w.worker();
  const { record: next } = await w.jobs.create({ type: 'fit', spec: spec() });
  await reaches(w.jobs, next.id, 'completed');
  assert.equal((await w.jobs.existing(record.id)).status, 'paused');
  await w.jobs.resume(record.id);
  await reaches(w.jobs, record.id, 'completed');
  await assert.rejects(w.jobs.pause(record.id), { code: 'conflict' });
  await assert.rejects(w.jobs.resume(record.id), { code: 'conflict' });
});

test('a paused job is cancelled; a pausing one whose worker dies rests', async (t) => {
  const w = await world(t);
  const worker = await w.worker();
  const tags = { ...gate(w).tags, deaf: 'yes' };
  const { record } = await w.jobs.create({ type: 'fit', spec: spec(tags) });
  await trainedTo(w, record.id, 5);
  await w.jobs.pause(record.id);
  await end(worker, 'SIGKILL');
  await w.worker();
  await reaches(w.jobs, record.id, 'paused');
  assert.equal((await w.jobs.cancel(record.id)).status, 'cancelled');
  assert.ok(isTerminal((await w.jobs.existing(record.id)).status));
});

test('kill -9 of the worker: the next attempt goes on from the last checkpoint, and only the last are kept', async (t) => {
  const w = await world(t);
  const worker = await w.worker();
  const g = gate(w);
  const tags = { ...g.tags, batches: '60', checkpoint_every: '10' };
  const { record } = await w.jobs.create({ type: 'fit', spec: spec(tags) });
  await until(
    'it has checkpoints',
    async () => ((await w.jobs.checkpoints(record.id)).at(-1)?.iteration ?? 0) >= 40 || null,
  );
  await end(worker, 'SIGKILL');
  const last = (await w.jobs.checkpoints(record.id)).at(-1)!;
  await w.worker();
  await g.open();
  const ended = await reaches(w.jobs, record.id, 'completed');
  assert.equal(ended.resumed?.[0].from, last.id);
  assert.equal(ended.resumed[0].iteration, last.iteration);
  isWhole(await wholeLog(w.jobs, record.id));
  assert.equal((await w.jobs.checkpoints(record.id)).length, 2);
  // No file is left of those that were not kept, whatever the worker was doing when it died.
  assert.deepEqual(
    (await w.storage.list(artifacts.checkpoints(record.id))).sort(),
    (await w.jobs.checkpoints(record.id)).map(({ id }) => `${id}.safetensors`).sort(),
  );
});

test('a checkpoint that a client names is kept, and a name is given once', async (t) => {
  const w = await world(t);
  await w.worker();
  const g = gate(w);
  const { record } = await w.jobs.create({
    type: 'fit',
    spec: spec({ ...g.tags, batches: '60', checkpoint_every: '5' }),
  });
  await assert.rejects(w.jobs.askForCheckpoint('job_x', 'mine'), { code: 'job_not_found' });
  await trainedTo(w, record.id, 5);
  await w.jobs.askForCheckpoint(record.id, 'mine');
  const named = await until(
    'it is made',
    async () => (await w.jobs.checkpoints(record.id)).find(({ name }) => name === 'mine') ?? null,
  );
  assert.equal(named.reason, 'named');
  await assert.rejects(w.jobs.askForCheckpoint(record.id, 'mine'), { code: 'conflict' });
  await trainedTo(w, record.id, named.iteration + 30);
  await g.open();
  await reaches(w.jobs, record.id, 'completed');
  const kept = await w.jobs.checkpoints(record.id);
  assert.deepEqual([kept.length, kept[0].id, kept.at(-1)?.reason], [3, named.id, 'final']);
  await assert.rejects(w.jobs.askForCheckpoint(record.id, 'late'), { code: 'conflict' });
});

test('retry: a new job goes on from the last checkpoint of a cancelled one, which stays ended', async (t) => {
  const w = await world(t);
  await w.worker();
  const g = gate(w);
  const { record } = await w.jobs.create({ type: 'fit', spec: spec({ ...g.tags, batches: '400' }) });
  await assert.rejects(w.jobs.retry(record.id), { code: 'conflict' });
  await trainedTo(w, record.id, 10);
  await w.jobs.cancel(record.id);
  const cancelled = await reaches(w.jobs, record.id, 'cancelled');
  const [last] = await w.jobs.checkpoints(record.id);
  assert.equal(last.reason, 'cancelled');

  const retried = await w.jobs.retry(record.id);
  assert.deepEqual([retried.retry_of, retried.progress.iteration], [record.id, last.iteration]);
  await g.open();
  const ended = await reaches(w.jobs, retried.id, 'completed');
  assert.deepEqual(ended.resumed, [{ attempt: 1, from: last.id, iteration: last.iteration, equality: 'exact' }]);
  assert.deepEqual(await w.jobs.existing(record.id), cancelled);
  assert.equal(curve(await wholeLog(w.jobs, retried.id))[0], last.iteration);
});
