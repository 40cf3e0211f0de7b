/** SIGTERM of a worker: a checkpoint, the job goes back, and the process ends in time whatever does not answer. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  childrenOf,
  end,
  gate,
  lives,
  outline,
  reaches,
  spec,
  trains,
  until,
  wholeLog,
  world,
} from '../jobs/harness.js';

const limitMs = 10_000;

async function endsInTime(worker: Parameters<typeof end>[0]): Promise<void> {
  const trainers = childrenOf(worker.pid!);
  const sinceMs = performance.now();
  await end(worker, 'SIGTERM');
  assert.ok(performance.now() - sinceMs < limitMs, `it took ${performance.now() - sinceMs} ms`);
  await until('no trainer is left', () => (trainers.some(lives) ? null : true), 5000);
}

// They mostly wait, each with processes of its own.
describe('a shutdown', { concurrency: 3 }, () => {
  test('SIGTERM of a worker: its trainer makes a checkpoint, and the next attempt goes on there', async (t) => {
    const w = await world(t);
    const first = await w.worker();
    const hold = gate(w);
    const { record } = await w.jobs.create({ type: 'fit', spec: spec(hold.tags, { max_attempts: 1 }) });
    await trains(w, record.id);
    await endsInTime(first);
    assert.equal(first.exitCode, 0);
    const [{ reason, id, iteration }] = await w.jobs.checkpoints(record.id);
    assert.equal(reason, 'shutdown');
    assert.ok(iteration > 0);
    await hold.open();
    await w.worker();
    const { resumed } = await reaches(w.jobs, record.id, 'completed');
    assert.deepEqual(resumed, [{ attempt: 2, from: id, iteration, equality: 'exact' }]);
  });

  for (const [what, tags] of [
    ['deaf', { deaf: 'yes' }],
    ['hung', { hang_until: '2' }],
  ] as const)
    test(`SIGTERM of a worker whose trainer is ${what}: it ends in time, and no attempt is used up`, async (t) => {
      const w = await world(t);
      const first = await w.worker();
      const hold = gate(w);
      const { record } = await w.jobs.create({
        type: 'fit',
        spec: spec({ ...hold.tags, ...tags }, { max_attempts: 1 }),
      });
      await trains(w, record.id);
      await endsInTime(first);
      assert.equal((await w.jobs.existing(record.id)).status, 'queued');
      await hold.open();
      await w.worker();
      await reaches(w.jobs, record.id, 'completed');
    });

  for (const [what, signal] of [
    ['answers nothing', 'SIGSTOP'],
    ['is gone', 'SIGKILL'],
  ] as const)
    test(`SIGTERM of a worker while Valkey ${what}: it ends in time, and no attempt is used up`, async (t) => {
      const w = await world(t);
      const first = await w.worker();
      const hold = gate(w);
      const { record } = await w.jobs.create({ type: 'fit', spec: spec(hold.tags, { max_attempts: 1 }) });
      await trains(w, record.id);
      if (signal === 'SIGSTOP') w.signalRedis('SIGSTOP');
      else await w.stopRedis(signal);
      await endsInTime(first).finally(() => w.signalRedis('SIGCONT'));
      if (signal === 'SIGKILL') await w.startRedis();
      await hold.open();
      await w.worker();
      await reaches(w.jobs, record.id, 'completed');
      assert.equal(outline(await wholeLog(w.jobs, record.id)).at(-1), 'completed');
    });
});
