/** Valkey runs and answers nothing, or takes nothing any more: what the API says, and what becomes of jobs. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { api, job } from '../api/harness.js';
import { gate, outline, reaches, spec, trains, until, wholeLog, world } from '../jobs/harness.js';

/** What a request has an answer in. */
const limitMs = 6000;

// They mostly wait, each with processes of its own.
describe('a Valkey that is silent or full', { concurrency: 3 }, () => {
  test('Valkey is stopped by SIGSTOP: every call is answered with 503 within seconds, and works again after', async (t) => {
    const on = await api(t);
    const { id } = await on.submit();
    on.signalRedis('SIGSTOP');
    const calls = [
      () => on.get('/readyz'),
      () => on.get('/jobs'),
      () => on.get(`/jobs/${id}`),
      () => on.get(`/jobs/${id}/metrics`),
      () => on.get(`/jobs/${id}/checkpoints`),
      () => on.get('/workers'),
      () => on.get('/queue'),
      () => on.post('/jobs', job()),
      () => on.post(`/jobs/${id}/cancel`, {}),
      () => on.post('/queue/pause', {}),
    ];
    const sinceMs = performance.now();
    const answers = await Promise.all(calls.map((call) => call())).finally(() => on.signalRedis('SIGCONT'));
    assert.ok(performance.now() - sinceMs < limitMs, `it took ${performance.now() - sinceMs} ms`);
    for (const { status, headers } of answers) assert.deepEqual([status, headers.has('retry-after')], [503, true]);
    await until('it answers again', async () => ((await on.get(`/jobs/${id}`)).status === 200 ? true : null));
  });

  test('an Idempotency-Key makes one job of two calls, the first of which had no answer', async (t) => {
    const on = await api(t);
    const key = { 'idempotency-key': 'night' };
    on.signalRedis('SIGSTOP');
    const { status } = await on.post('/jobs', job(), key).finally(() => on.signalRedis('SIGCONT'));
    assert.equal(status, 503);
    const again = await on.post('/jobs', job(), key);
    assert.ok(again.status === 201 || again.status === 200);
    assert.equal((await on.jobs.list({ limit: 10 })).data.length, 1);
  });

  test('Valkey is full: a job that cannot be stored is refused, one that runs goes on when there is room', async (t) => {
    const w = await world(t);
    await w.worker();
    const hold = gate(w);
    const { record } = await w.jobs.create({ type: 'fit', spec: spec(hold.tags) });
    await trains(w, record.id);
    await w.redis.config('SET', 'maxmemory', '1');
    await assert.rejects(w.jobs.create({ type: 'fit', spec: spec() }), { code: 'unavailable' });
    await until('the attempt has heard of it', async () =>
      (await w.jobs.workers()).every((each) => each.job === null) ? true : null,
    );
    await w.redis.config('SET', 'maxmemory', '0');
    const sinceMs = performance.now();
    await trains(w, record.id, 2);
    assert.ok(performance.now() - sinceMs < 20_000, 'within the bound that docs/failures.md names');
    await hold.open();
    await reaches(w.jobs, record.id, 'completed');
    const frames = await wholeLog(w.jobs, record.id);
    assert.ok(frames.every(({ seq }, i) => seq === i));
    assert.equal(outline(frames).at(-1), 'completed');
  });
});
