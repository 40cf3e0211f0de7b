/** GET /metrics: what Prometheus is told, in its format and by its conventions; what deploy/ makes of it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { startServer } from '../../src/api/server.js';
import { end, gate, reaches, until } from '../jobs/harness.js';
import { api, job, type Api } from './harness.js';
import { lint, scrape, value, type Metric } from './exposition.js';

const root = new URL('../../../', import.meta.url);

/** The figures of the service, which every process must tell equally. */
const serviceWide = (metrics: Map<string, Metric>): unknown =>
  [
    'jobs',
    'queue_jobs',
    'workers',
    'jobs_created_total',
    'jobs_ended_total',
    'training_iterations_total',
    'job_step_seconds',
  ].map((name) => metrics.get(`onecycle_${name}`)?.samples);

async function twoApis(t: TestContext): Promise<Api & { other: string }> {
  const on = await api(t);
  const second = await startServer({ host: '127.0.0.1', port: 0, redis: on.address, storage: on.storage });
  t.after(() => second.close());
  return { ...on, other: second.url };
}

test('what it tells of queue, jobs, workers and streams, from each API process, whatever becomes of the worker', async (t) => {
  const on = await twoApis(t);
  const waits = await on.submit();
  await on.submit(job({ device: 'gpu' }));
  const before = await scrape(on.url);
  assert.deepEqual(
    [value(before, 'queue_jobs', { device: 'cpu' }), value(before, 'queue_jobs', { device: 'gpu' })],
    [1, 1],
  );
  assert.equal(value(before, 'jobs', { status: 'queued' }), 2);
  assert.equal(value(before, 'workers', { device: 'cpu', state: 'idle' }), 0);
  await until(
    'its age shows',
    async () => (value(await scrape(on.url), 'queue_oldest_age_seconds', { device: 'cpu' }) ?? 0) >= 1 || null,
  );

  const g = gate(on);
  const worker = await on.worker();
  await reaches(on.jobs, waits.id, 'completed');
  const running = await on.submit(job({ tags: g.tags }));
  const stream = await fetch(`${on.other}/jobs/${running.id}/events`);
  await reaches(on.jobs, running.id, 'running');
  const busy = await until('a frame was passed on', async () => {
    const metrics = await scrape(on.other);
    return (value(metrics, 'stream_lag_seconds_count', { transport: 'events' }) ?? 0) > 0 ? metrics : null;
  });
  assert.equal(value(busy, 'stream_subscribers', { transport: 'events' }), 1);
  assert.equal(value(busy, 'workers', { device: 'cpu', state: 'busy' }), 1);
  assert.ok(value(busy, 'workers_memory_bytes', { device: 'cpu' })! > 1e7);
  await g.open();
  await stream.text();
  const failing = await on.submit(job({ tags: { ending: 'failed' } }));
  await reaches(on.jobs, failing.id, 'failed');
  await (await fetch(`${on.other}/jobs/${waits.id}/weights`)).arrayBuffer();
  await end(worker, 'SIGKILL');
  await until('no worker lives', async () => ((await on.jobs.workers()).length === 0 ? true : null));

  const [first, second] = [await scrape(on.url), await scrape(on.other)];
  assert.deepEqual(serviceWide(first), serviceWide(second));
  assert.deepEqual(
    [
      value(first, 'jobs_created_total', { type: 'fit' }),
      value(first, 'jobs_ended_total', { type: 'fit', outcome: 'completed' }),
      value(first, 'jobs_ended_total', { type: 'fit', outcome: 'failed' }),
      value(first, 'job_attempts_total', { device: 'cpu' }),
      value(first, 'job_step_seconds_count', { device: 'cpu' }),
      value(first, 'job_queue_seconds_count', { device: 'cpu' }),
      value(first, 'queue_jobs', { device: 'cpu' }),
    ],
    [4, 2, 1, 3, 2, 3, 0],
  );
  const iterations = value(first, 'training_iterations_total', { device: 'cpu' })!;
  assert.ok(iterations >= 40, String(iterations));
  assert.equal(value(first, 'training_rows_total', { device: 'cpu' }), iterations * 64);
  assert.ok(value(first, 'training_seconds_total', { device: 'cpu' })! > 0);
  assert.ok(value(first, 'frames_appended_total')! >= 8);
  assert.equal(value(first, 'stream_subscribers', { transport: 'events' }), 0);
  assert.equal(value(second, 'stream_frames_sent_total', { transport: 'websocket' }), 0);
  assert.ok(value(second, 'storage_operation_seconds_count')! > 0);
  assert.ok(value(second, 'redis_command_seconds_count')! > 0);
  assert.ok(value(first, 'storage_free_bytes')! < value(first, 'storage_size_bytes')!);
  assert.ok(value(first, 'http_request_seconds_count', { route: '/jobs', method: 'POST', status: '201' })! === 4);
  assert.ok(first.has('nodejs_eventloop_lag_seconds') && first.has('process_resident_memory_bytes'));

  const ids = [waits.id, running.id, failing.id, on.folder];
  assert.deepEqual([...lint(first, ids), ...lint(second, ids)], []);
  const exposed = [...first.values()].flatMap(({ name, type }) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  for (const file of ['deploy/grafana/onecycle.json', 'deploy/prometheus/alerts.yaml', 'docs/monitoring.md']) {
    const named = [
      ...new Set(readFileSync(new URL(file, root), 'utf8').match(/\b(onecycle|nodejs|process)_[a-z0-9_]*[a-z0-9]\b/g)),
    ];
    const known = new Set([...exposed, ...first.keys()]);
    assert.ok(named.length > 5, file);
    assert.deepEqual(
      named.filter((name) => !known.has(name)),
      [],
      `${file} names what is not exposed`,
    );
  }
});

test('a job that is paused, resumed, moved or cancelled leaves the queue’s figures as they should be', async (t) => {
  const on = await api(t);
  const depth = async () => {
    const metrics = await scrape(on.url);
    return ['cpu', 'gpu'].map((device) => value(metrics, 'queue_jobs', { device }));
  };
  const [a, b] = [await on.submit(), await on.submit()];
  assert.deepEqual(await depth(), [2, 0]);
  await on.post(`/jobs/${a.id}/pause`, '');
  assert.deepEqual(await depth(), [1, 0]);
  await on.post(`/jobs/${a.id}/resume`, '');
  assert.deepEqual(await depth(), [2, 0]);
  await on.post(`/jobs/${a.id}/cancel`, '');
  await on.worker({ device: 'cuda:0' });
  await reaches(on.jobs, b.id, 'completed');
  assert.deepEqual(await depth(), [0, 0]);
});

test('where Redis does not answer, it is told so', async (t) => {
  const on = await api(t);
  await on.stopRedis();
  const response = await fetch(`${on.url}/metrics`);
  assert.equal(response.status, 503);
  assert.equal(((await response.json()) as { code: string }).code, 'unavailable');
});
