/** A trainer that lives and does nothing any more. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { test } from 'node:test';
import type { FromTrainer } from '../../workers/protocol.js';
import {
  end,
  gate,
  iterations,
  lives,
  outline,
  reaches,
  realTrainer,
  spec,
  trainersOf,
  trains,
  until,
  wholeLog,
  world,
} from '../jobs/harness.js';

test('a trainer that hangs is killed, and the next attempt goes on from the checkpoint', async (t) => {
  const w = await world(t);
  await w.worker();
  const tags = { hang_until: '2', checkpoint_every: '5' };
  const { record } = await w.jobs.create({ type: 'fit', spec: spec(tags, { stall_seconds: 3 }) });
  const frames = await wholeLog(w.jobs, record.id);
  assert.deepEqual(outline(frames), [
    'queued',
    'running',
    'batches',
    'running',
    'rewind',
    'batches',
    'epoch',
    'completed',
  ]);
  assert.deepEqual([iterations(frames, 1)[0], iterations(frames, 2)[0]], [0, 5]);
});

for (const [when, tags, position] of [
  ['always', {}, { phase: 0, epoch: 0, iteration: 5 }],
  ['before it begins', { hang_at: 'start' }, { phase: 0, epoch: 0, iteration: 0 }],
] as const)
  test(`a trainer that hangs ${when}: the job fails with stalled, the attempt and the position`, async (t) => {
    const w = await world(t);
    await w.worker();
    // Long enough for a start on a busy machine.
    const limits = { stall_seconds: 3, max_attempts: 2 };
    const { record } = await w.jobs.create({ type: 'fit', spec: spec({ ...tags, hang_until: '9' }, limits) });
    const { error } = await reaches(w.jobs, record.id, 'failed');
    const message = 'The trainer did not respond for 3 s and was killed.';
    assert.deepEqual(error, { code: 'stalled', message, attempt: 2, ...position });
  });

test('a trainer that trains and is stopped by SIGSTOP has stalled', async (t) => {
  const w = await world(t);
  const worker = await w.worker({ trainer: realTrainer });
  const long = { policy: { name: 'fit', n_epoch: 100_000, lr: 0.001 } } as const;
  const limits = { stall_seconds: 5, max_attempts: 1 };
  const { record } = await w.jobs.create({ type: 'fit', spec: spec({}, { ...long, ...limits }) });
  await trains(w, record.id);
  // The warm one as well, which nobody waits for: who stops it must end it. A child that has yet to become one is left
  // alone: its parent waits for that.
  const trainers = trainersOf(worker.pid!);
  t.after(() => trainers.filter(lives).forEach((pid) => process.kill(pid, 'SIGKILL')));
  for (const pid of trainers) process.kill(pid, 'SIGSTOP');
  const { error } = await reaches(w.jobs, record.id, 'failed');
  assert.deepEqual([error?.code, error?.attempt], ['stalled', 1]);
  assert.ok((error?.iteration ?? 0) > 0);
});

test('a worker that was stopped itself does not take its trainer for hung', async (t) => {
  const w = await world(t);
  const worker = await w.worker();
  const hold = gate(w);
  const { record } = await w.jobs.create({ type: 'fit', spec: spec(hold.tags, { stall_seconds: 1 }) });
  await trains(w, record.id);
  worker.kill('SIGSTOP');
  const sinceMs = performance.now();
  await until('it would be too long', () => (performance.now() - sinceMs > 3000 ? true : null));
  worker.kill('SIGCONT');
  const { progress } = await w.jobs.existing(record.id);
  await until('it trains on', async () =>
    (await w.jobs.existing(record.id)).progress.iteration > progress.iteration ? true : null,
  );
  await hold.open();
  assert.equal((await reaches(w.jobs, record.id, 'completed')).attempt, 1);
});

test('a trainer says that it lives from its start on, once a second', async () => {
  const trainer = fork(realTrainer, { serialization: 'advanced' });
  const signs: number[] = [];
  trainer.on('message', ({ type }: FromTrainer) => {
    if (type === 'alive') signs.push(performance.now());
  });
  await until('it has said so three times', () => (signs.length >= 3 ? true : null));
  assert.ok(signs[2] - signs[0] > 1000, 'not more often');
  await end(trainer, 'SIGKILL');
});
