/** What becomes of a job when processes die under it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keys } from '../../src/jobs/redis/keys.js';
import { Queues } from '../../src/jobs/redis/queues.js';
import {
  childrenOf,
  trainersOf,
  end,
  gate,
  iterations,
  lives,
  outline,
  reaches,
  spec,
  trains,
  until,
  wholeLog,
  world,
} from '../jobs/harness.js';

/** Two jobs at once, one thread each. */
const twoSlots = { ONECYCLE_THREADS: '2', ONECYCLE_SLOTS: '2' };

// They mostly wait, each with processes of its own.
describe('what dies under a job', { concurrency: 3 }, () => {
  test('kill -9 of the worker: no trainer is left, another worker runs its jobs again, and their logs say so', async (t) => {
    const w = await world(t);
    const first = await w.worker({ env: twoSlots });
    const g = gate(w);
    const { record } = await w.jobs.create({ type: 'fit', spec: spec(g.tags) });
    const { record: beside } = await w.jobs.create({ type: 'fit', spec: spec(g.tags) });
    const log = wholeLog(w.jobs, record.id);
    await trains(w, record.id);
    await trains(w, beside.id);
    const trainers = childrenOf(first.pid!);
    assert.ok(trainers.length >= 2);
    await end(first, 'SIGKILL');
    await until('its trainers are gone', () => (trainers.some(lives) ? null : true), 5000);
    await w.worker({ env: twoSlots });
    await trains(w, record.id, 2);
    await trains(w, beside.id, 2);
    await g.open();
    const ended = await reaches(w.jobs, record.id, 'completed');
    assert.equal(ended.attempt, 2);
    assert.equal((await reaches(w.jobs, beside.id, 'completed')).attempt, 2);
    assert.deepEqual(outline(await log), [
      'queued',
      'running',
      'batches',
      'running',
      'rewind',
      'batches',
      'epoch',
      'completed',
    ]);
    assert.deepEqual(
      (await log).map(({ seq }) => seq),
      (await log).map((_, i) => i),
    );
    const again = iterations(await log, 2);
    assert.deepEqual(
      again,
      again.map((_, i) => i),
    );
  });

  test('kill -9 of a worker whose trainers are stopped: they are ended all the same', async (t) => {
    const w = await world(t);
    const first = await w.worker();
    const g = gate(w);
    const { record } = await w.jobs.create({ type: 'fit', spec: spec(g.tags) });
    await trains(w, record.id);
    const trainers = await until('one trains, one is warm', () => {
      const found = trainersOf(first.pid!);
      return found.length === 2 ? found : null;
    });
    t.after(() => trainers.filter(lives).forEach((pid) => process.kill(pid, 'SIGKILL')));
    for (const pid of trainers) process.kill(pid, 'SIGSTOP');
    await end(first, 'SIGKILL');
    await until('its trainers are gone', () => (trainers.some(lives) ? null : true), 5000);
    await w.worker();
    await trains(w, record.id, 2);
    await g.open();
    assert.equal((await reaches(w.jobs, record.id, 'completed')).attempt, 2);
  });

  test('kill -9 of the worker, too often: the job fails', async (t) => {
    const w = await world(t);
    const { record } = await w.jobs.create({ type: 'fit', spec: spec(gate(w).tags, { max_attempts: 1 }) });
    const first = await w.worker();
    await trains(w, record.id);
    await end(first, 'SIGKILL');
    await w.worker();
    const { error, attempt } = await reaches(w.jobs, record.id, 'failed');
    assert.deepEqual([error?.code, error?.attempt, attempt], ['trainer_crashed', 1, 1]);
    assert.ok((error?.iteration ?? 0) > 0);
  });

  test('kill -9 of the trainer: the same worker runs the job again', async (t) => {
    const w = await world(t);
    await w.worker();
    const { record } = await w.jobs.create({ type: 'fit', spec: spec({ crash_until: '3' }) });
    const frames = await wholeLog(w.jobs, record.id);
    assert.deepEqual(outline(frames), [
      'queued',
      'running',
      'batches',
      'running',
      'rewind',
      'batches',
      'running',
      'rewind',
      'batches',
      'epoch',
      'completed',
    ]);
    const ended = (await w.jobs.get(record.id))!;
    assert.deepEqual([ended.status, ended.attempt, ended.error], ['completed', 3, null]);
  });

  test('a trainer that always crashes: the job fails after max_attempts and says where', async (t) => {
    const w = await world(t);
    await w.worker();
    const { record } = await w.jobs.create({ type: 'fit', spec: spec({ crash_until: '9' }, { max_attempts: 2 }) });
    const { error } = await reaches(w.jobs, record.id, 'failed');
    assert.deepEqual(error, {
      code: 'trainer_crashed',
      message: 'The trainer ended unexpectedly: signal SIGKILL.',
      attempt: 2,
      phase: 0,
      epoch: 0,
      iteration: 5,
    });
  });

  test('a trainer that cannot start: the job fails, the worker lives', async (t) => {
    const w = await world(t);
    // A file that is no program.
    const worker = await w.worker({ trainer: `${w.folder}/missing.js` });
    const { record } = await w.jobs.create({ type: 'fit', spec: spec() });
    const { error } = await reaches(w.jobs, record.id, 'failed');
    assert.equal(error?.code, 'trainer_crashed');
    assert.ok(lives(worker.pid!));
  });

  test('SIGTERM to the worker: it ends, and its jobs run again elsewhere without an attempt lost', async (t) => {
    const w = await world(t);
    const first = await w.worker({ env: twoSlots });
    const g = gate(w);
    const { record } = await w.jobs.create({ type: 'fit', spec: spec(g.tags, { max_attempts: 1 }) });
    const { record: beside } = await w.jobs.create({ type: 'fit', spec: spec(g.tags, { max_attempts: 1 }) });
    await trains(w, record.id);
    await trains(w, beside.id);
    const trainers = childrenOf(first.pid!);
    await end(first, 'SIGTERM');
    assert.equal(first.exitCode, 0);
    assert.ok(!trainers.some(lives));
    for (const { id } of [record, beside]) assert.equal((await w.jobs.get(id))?.status, 'queued');
    assert.deepEqual(await w.jobs.workers(), []);
    await w.worker({ env: twoSlots });
    await trains(w, record.id, 2);
    await trains(w, beside.id, 2);
    await g.open();
    for (const { id } of [record, beside]) await reaches(w.jobs, id, 'completed');
    assert.deepEqual(outline(await wholeLog(w.jobs, record.id)), [
      'queued',
      'running',
      'batches',
      'queued',
      'running',
      'rewind',
      'batches',
      'epoch',
      'completed',
    ]);
  });

  test('a worker whose parent is gone ends with its trainers', async (t) => {
    const w = await world(t);
    const worker = await w.worker();
    const trainers = await until('a trainer is warm', () =>
      childrenOf(worker.pid!).length > 0 ? childrenOf(worker.pid!) : null,
    );
    worker.disconnect();
    await until('all are gone', () => ([worker.pid!, ...trainers].some(lives) ? null : true));
  });

  test('a worker whose parent is gone before it has loaded its modules ends too', async (t) => {
    const w = await world(t);
    const worker = await w.worker({ orphan: true });
    await until('it is gone', () => (lives(worker.pid!) ? null : true));
  });

  test('the worker dies while Redis refuses writes: the job is queued to readers', async (t) => {
    const w = await world(t);
    const first = await w.worker();
    const hold = gate(w);
    const { record } = await w.jobs.create({ type: 'fit', spec: spec(hold.tags) });
    await trains(w, record.id);
    assert.equal((await w.jobs.existing(record.id)).status, 'running');
    // As a full disk: every write is refused, and keys expire.
    await w.redis.config('SET', 'min-replicas-to-write', '1');
    await end(first, 'SIGKILL');
    const nobodys = await until('it is nobody’s', async () => {
      const read = await w.jobs.existing(record.id);
      return read.status === 'running' ? null : read;
    });
    assert.deepEqual([nobodys.status, nobodys.attempt, nobodys.progress.estimated_finish], ['queued', 1, null]);
    assert.match(nobodys.queue?.reason ?? '', /worker that ran it was not heard of/);
    assert.deepEqual((await w.jobs.list({ limit: 10 })).data[0].status, 'queued');
  });

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`Redis restarts after ${signal} while a job runs: nothing of its log is lost or doubled`, async (t) => {
      const w = await world(t);
      await w.worker();
      const g = gate(w);
      const { record } = await w.jobs.create({ type: 'fit', spec: spec(g.tags) });
      const log = wholeLog(w.jobs, record.id);
      await trains(w, record.id);
      await w.restartRedis(signal);
      const before = await until('Redis answers', () => w.jobs.readLog(record.id, 0, 100_000).catch(() => null));
      await until('the log goes on', async () =>
        (await w.jobs.readLog(record.id, before.length)).length > 0 ? true : null,
      );
      await g.open();
      const { attempt } = await reaches(w.jobs, record.id, 'completed');
      const frames = await log;
      assert.deepEqual(
        frames.map(({ seq }) => seq),
        frames.map((_, i) => i),
      );
      const last = iterations(frames, attempt);
      assert.deepEqual(
        last,
        last.map((_, i) => i),
      );
    });
  }

  test('a job that its queue never got is queued by a worker, whatever its state', async (t) => {
    const w = await world(t);
    const { record } = await w.jobs.create({ type: 'fit', spec: spec() });
    const { record: fit } = await w.jobs.create({
      type: 'fit',
      spec: spec({}, { policy: { name: 'fit_one_cycle', n_epoch: 1, lr_max: { lr_find: { suggestion: 'valley' } } } }),
      finder: { spec: spec({ batches: '100' }, { policy: { name: 'lr_find' } }), suggestion: 'valley' },
    });
    // As if the process that created them had ended before it came to the queue, a while ago.
    const queues = new Queues(w.redis);
    for (const id of [fit.id, fit.lr_find!.job, record.id]) {
      await queues.remove('cpu', id);
      await w.redis.hset(keys.record(id), 'created_at', JSON.stringify(new Date(0).toISOString()));
      assert.equal(await w.redis.exists(queues.key('cpu', id)), 0);
    }
    await queues.close();
    await w.worker();
    await reaches(w.jobs, record.id, 'completed');
    assert.ok(((await reaches(w.jobs, fit.id, 'completed')).lr_find?.value ?? 0) > 0);
  });
});
