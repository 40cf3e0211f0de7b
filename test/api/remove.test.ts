/** DELETE /jobs/:id, as a client sees it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import type { Problem } from '../../src/api/schemas/problem.js';
import type { JobRecord } from '../../src/jobs/index.js';
import { gate, reaches } from '../jobs/harness.js';
import { api, job } from './harness.js';

test('a deleted job is 404 everywhere, and its Idempotency-Key makes a new one', async (t) => {
  const on = await api(t);
  await on.worker();
  const headers = { 'idempotency-key': 'once' };
  const body = job({
    dataset: { inline: { x: [[0], [1], [0], [1]], y: [0, 1, 0, 1] } },
    split: { train_rows: 2 },
    batch_size: 2,
  });
  const { id } = (await on.post('/jobs', body, headers)).body as JobRecord;
  await reaches(on.jobs, id, 'completed');
  const results = ['', '/checkpoints', '/checkpoints/last/weights', '/metrics', '/weights', '/events'];
  const removed = await on.delete(`/jobs/${id}`);
  assert.deepEqual([removed.status, removed.body], [204, '']);
  for (const path of [...results, '/lr-find', '/plots/loss.svg']) {
    const { status, body } = await on.get(`/jobs/${id}${path}`);
    assert.deepEqual([status, (body as Problem).code], [404, 'job_not_found'], path);
  }
  for (const verb of ['cancel', 'pause', 'resume', 'retry'])
    assert.equal((await on.post(`/jobs/${id}/${verb}`, {})).status, 404, verb);
  assert.equal((await on.delete(`/jobs/${id}`)).status, 404);
  const again = await on.post('/jobs', body, headers);
  assert.deepEqual([again.status, again.headers.get('idempotent-replayed')], [201, null]);
  assert.notEqual((again.body as JobRecord).id, id);
});

test('a job that runs is 409 and goes on', async (t) => {
  const on = await api(t);
  await on.worker();
  const g = gate(on);
  const { id } = await on.submit(job({ tags: g.tags }));
  await reaches(on.jobs, id, 'running');
  const { status, body } = await on.delete(`/jobs/${id}`);
  assert.deepEqual([status, (body as Problem).code], [409, 'conflict']);
  await g.open();
  await reaches(on.jobs, id, 'completed');
});

test('streams that follow a queued job end with its terminal frame when it is deleted', async (t) => {
  const on = await api(t);
  const { id } = await on.submit();
  const socket = new WebSocket(`${on.url.replace('http', 'ws')}/jobs/${id}/stream`);
  const frames: unknown[] = [];
  const closed = once(socket, 'close');
  const first = once(socket, 'message');
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString())));
  await first;
  const events = await fetch(`${on.url}/jobs/${id}/events`);
  const text = events.text();
  assert.equal((await on.delete(`/jobs/${id}`)).status, 204);
  assert.equal((await closed)[0], 1000);
  assert.deepEqual(frames.at(-1), { type: 'status', seq: 1, status: 'cancelled', attempt: 1 });
  assert.match(await text, /"status":"cancelled"/);
  // An EventSource that comes back stops.
  assert.equal((await on.get(`/jobs/${id}/events`)).status, 404);
});
