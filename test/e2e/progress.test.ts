/** How far a job is and when it will have ended, told by the real thing. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server } from './harness.js';
import { long } from './jobs.js';

let server: Server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

test('a job that trains says more and more percent and when it will have ended', async () => {
  const { id } = await server.submit({ ...long, policy: { ...long.policy, n_epoch: 20_000 } });
  const stream = await server.stream(id);
  const progressWhen = (what: string, ready: (progress: { percent: number; finishMs: number }) => boolean) =>
    server.until(what, async () => {
      const { percent, estimated_finish } = (await server.job(id)).progress;
      const progress = { percent, finishMs: Date.parse(estimated_finish ?? '') };
      return ready(progress) ? progress : null;
    });
  const first = await progressWhen('there is an estimate', ({ finishMs }) => finishMs > 0);
  assert.ok(first.finishMs > Date.now());
  const next = await progressWhen('it has gone on', ({ percent }) => percent > first.percent);
  assert.ok(next.finishMs > Date.now() && next.percent < 100);

  assert.equal((await server.post(`/jobs/${id}/cancel`)).status, 200);
  await stream.closed;
  const { status, progress } = await server.job(id);
  assert.deepEqual([status, progress.estimated_finish], ['cancelled', null]);
  assert.ok(progress.percent >= next.percent && progress.percent < 100);
  const told = stream.frames.flatMap((frame) => frame.progress ?? []);
  assert.ok(told.some(({ estimated_finish }) => estimated_finish !== null));
  assert.equal(told.at(-1)?.percent, progress.percent);
});

test('a finder that stops early has completed: 100 percent', async () => {
  const { progress } = await server.run({
    ...long,
    policy: { name: 'lr_find', start_lr: 0.01, end_lr: 1e6, num_it: 200 },
  });
  assert.ok(progress.iteration < progress.n_iteration, `it stopped after ${progress.iteration}`);
  assert.deepEqual([progress.percent, progress.estimated_finish], [100, null]);
});
