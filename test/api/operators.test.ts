/** What whoever operates the service sees and does: the queue, its bound, the workers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import app from '../../src/api/app.js';
import { createFastify } from '../../src/api/fastify.js';
import type { Problem } from '../../src/api/schemas/problem.js';
import { Jobs, type JobRecord, type QueuePage, type WorkerInfo } from '../../src/jobs/index.js';
import { keys } from '../../src/jobs/redis/keys.js';
import { end, gate, reaches, until, waitsForWork } from '../jobs/harness.js';
import { api, job, pointers, type Api } from './harness.js';

const queue = async (on: Api, search = ''): Promise<QueuePage> => (await on.get(`/queue${search}`)).body as QueuePage;
/** A page without what each line has: autoscaling figures. */
const pageOf = ({ lines: _, ...page }: QueuePage): Omit<QueuePage, 'lines'> => page;
const workers = async (on: Api): Promise<WorkerInfo[]> =>
  ((await on.get('/workers')).body as { data: WorkerInfo[] }).data;
const record = async (on: Api, id: string): Promise<JobRecord> => (await on.get(`/jobs/${id}`)).body as JobRecord;

test('the queue lists who waits, in the order in which they will run, page by page', async (t) => {
  const on = await api(t);
  assert.deepEqual(pageOf(await queue(on)), { paused: false, queued: 0, running: 0, data: [] });
  await on.worker();
  const busy = await on.submit(job({ tags: gate(on).tags }));
  await reaches(on.jobs, busy.id, 'running');
  const [low, high, normal] = [
    await on.submit(job({ priority: -1 })),
    await on.submit(job({ priority: 10 })),
    await on.submit(),
  ];
  const [inLine, aside] = [
    await on.submit(job({ concurrency_key: 'k' })),
    await on.submit(job({ concurrency_key: 'k', priority: 0 })),
  ];
  const gpu = await on.submit(job({ device: 'gpu', priority: 1000 }));
  const expected = [
    { job: gpu.id, position: 1, priority: 1000 },
    { job: high.id, position: 2, priority: 10 },
    { job: normal.id, position: 3, priority: 0 },
    { job: inLine.id, position: 4, priority: 0 },
    { job: aside.id, position: 5, priority: 0 },
    { job: low.id, position: 6, priority: -1 },
  ];
  const found = await queue(on);
  assert.deepEqual(pageOf(found), { paused: false, queued: 6, running: 1, data: expected });
  assert.deepEqual(
    found.lines.map(({ device, queued, workers, free }) => ({ device, queued, workers, free })),
    [
      { device: 'cpu', queued: 5, workers: 1, free: 0 },
      { device: 'gpu', queued: 1, workers: 0, free: 0 },
    ],
  );
  assert.deepEqual((await queue(on, '?limit=2')).data, expected.slice(0, 2));
  assert.deepEqual((await queue(on, '?limit=2&after=3')).data, expected.slice(3, 5));
  assert.deepEqual((await queue(on, '?after=6')).data, []);
  assert.deepEqual(pointers((await on.get('/queue?limit=0')).body), ['/query/limit']);
  await on.post(`/jobs/${high.id}/cancel`, '');
  assert.deepEqual(
    (await queue(on)).data.map(({ position }) => position),
    [1, 2, 3, 4, 5],
  );
});

test('a paused queue takes jobs and gives none away, over a restart too; what runs goes on', async (t) => {
  const on = await api(t);
  const worker = await on.worker();
  const g = gate(on);
  const running = await on.submit(job({ tags: g.tags }));
  await reaches(on.jobs, running.id, 'running');
  const paused = await on.post('/queue/pause', '');
  assert.deepEqual(
    [paused.status, pageOf(paused.body as QueuePage)],
    [200, { paused: true, queued: 0, running: 1, data: [] }],
  );
  const waits = await on.submit();
  assert.deepEqual(waits.queue, { reason: 'the queue is paused' });
  await g.open();
  await reaches(on.jobs, running.id, 'completed');
  await end(worker, 'SIGTERM');
  await on.restartRedis('SIGTERM');
  await on.worker();
  await waitsForWork(on.redis);
  const late = await on.submit();
  assert.deepEqual(await until('the server answers', () => queue(on).then(pageOf, () => null)), {
    paused: true,
    queued: 2,
    running: 0,
    data: [waits, late].map(({ id }, i) => ({ job: id, position: i + 1, priority: 0 })),
  });
  const resumed = await on.post('/queue/resume', '');
  assert.deepEqual([resumed.status, (resumed.body as QueuePage).paused], [200, false]);
  for (const { id } of [waits, late]) await reaches(on.jobs, id, 'completed');
});

test('more jobs than may wait are refused until one has begun', async (t) => {
  const on = await api(t, {}, { maxQueued: 3 });
  const waiting = [await on.submit(), await on.submit()];
  const key = { 'idempotency-key': 'the third' };
  const third = await on.post('/jobs', job(), key);
  assert.equal(third.status, 201);
  const inline = { x: [[0], [1]], y: [0, 1] };
  for (const body of [job(), job({ dataset: { inline }, batch_size: 1 })]) {
    const refused = await on.post('/jobs', body);
    assert.deepEqual([refused.status, (refused.body as Problem).code], [503, 'queue_full']);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
  }
  assert.deepEqual(await on.storage.list('jobs'), [], 'the refused job left no files');
  assert.equal((await on.post('/jobs', job(), key)).headers.get('idempotent-replayed'), 'true');
  assert.equal((await queue(on)).queued, 3);
  await on.worker();
  await reaches(on.jobs, waiting[0].id, 'completed');
  assert.equal((await on.post('/jobs', job())).status, 201);
});

test('many posts at once do not get past the bound', async (t) => {
  const on = await api(t, {}, { maxQueued: 5 });
  const posted = await Promise.all(Array.from({ length: 40 }, () => on.post('/jobs', job())));
  assert.equal(posted.filter(({ status }) => status === 201).length, 5);
  assert.equal((await queue(on)).queued, 5);
});

test('an idempotency key is forgotten after its time, and counts from its first use', async (t) => {
  const on = await api(t, {}, { idempotencyHours: 2 });
  const key = { 'idempotency-key': 'k' };
  const post = async () => ((await on.post('/jobs', job(), key)).body as JobRecord).id;
  const first = await post();
  const ttl = () => on.redis.pttl(keys.idempotency('k'));
  const left = await ttl();
  assert.ok(left > 2 * 3600_000 - 60_000 && left <= 2 * 3600_000, String(left));
  assert.equal(await post(), first);
  assert.ok((await ttl()) <= left);
  await on.redis.pexpire(keys.idempotency('k'), 1);
  await until('it has expired', async () => ((await on.redis.exists(keys.idempotency('k'))) === 0 ? true : null));
  assert.notEqual(await post(), first);
});

test('without a word about it a key is kept for 24 hours', async (t) => {
  const on = await api(t);
  await on.post('/jobs', job(), { 'idempotency-key': 'k' });
  const left = await on.redis.ttl(keys.idempotency('k'));
  assert.ok(left > 24 * 3600 - 60 && left <= 24 * 3600, String(left));
});

test('the workers, what they do, and when they were last seen', async (t) => {
  const on = await api(t);
  assert.deepEqual((await on.get('/workers')).body, { object: 'list', data: [] });
  await on.worker();
  await until('its trainer has told its engine', async () => (await workers(on))[0].engine);
  const [idle] = await workers(on);
  assert.deepEqual([idle.device, idle.job, idle.status, idle.engine?.name], ['cpu', null, 'idle', 'wasm']);
  assert.ok(Date.now() - Date.parse(idle.last_seen_at) < 10_000);
  const g = gate(on);
  const { id } = await on.submit(job({ tags: g.tags }));
  await until('it is busy', async () => ((await workers(on))[0].status === 'busy' ? true : null));
  assert.equal((await workers(on))[0].job, id);
  const { usage } = await until('its trainer has told what it takes', async () => {
    const [worker] = await workers(on);
    return (worker.usage.trainer?.memory_bytes ?? 0) > 0 && worker.usage.cpu > 0 ? worker : null;
  });
  const { trainer, memory_bytes, cpu, cpus, memory_total_bytes, gpu } = usage;
  assert.ok(trainer!.memory_bytes < memory_bytes && memory_bytes < memory_total_bytes);
  assert.ok(trainer!.cpu <= cpu && cpu <= cpus + 0.5, `${cpu} of ${cpus} cores`);
  assert.equal(gpu, null);
  await g.open();
  await until('it is idle again', async () => ((await workers(on))[0].status === 'idle' ? true : null));
  assert.ok((await workers(on))[0].last_seen_at > idle.last_seen_at);
});

test('a drained worker finishes its job, takes no other, and lives; any API process can ask for it', async (t) => {
  const on = await api(t);
  const other = await otherApi(t, on);
  const child = await on.worker();
  const g = gate(on);
  const running = await on.submit(job({ tags: g.tags }));
  await reaches(on.jobs, running.id, 'running');
  const [{ id }] = await workers(on);
  const drained = (await (await fetch(`${other}/workers/${id}/drain`, { method: 'POST' })).json()) as WorkerInfo;
  assert.deepEqual([drained.id, drained.status], [id, 'draining']);
  const next = await on.submit();
  await g.open();
  assert.equal((await reaches(on.jobs, running.id, 'completed')).attempt, 1);
  await until('it has nothing to do', async () => ((await workers(on))[0].job === null ? true : null));
  assert.deepEqual(
    (await workers(on)).map((worker) => [worker.id, worker.status]),
    [[id, 'draining']],
  );
  assert.equal(child.exitCode, null);
  assert.deepEqual((await record(on, next.id)).queue, { reason: 'every worker that could run it is draining' });
  await on.worker();
  await reaches(on.jobs, next.id, 'completed');
  await end(child, 'SIGTERM');
  assert.equal(await on.redis.exists(keys.draining(id)), 0);
});

test('an idle worker that is drained takes not even the job that it waited for', async (t) => {
  const on = await api(t);
  await on.worker();
  await waitsForWork(on.redis);
  const [{ id }] = await workers(on);
  assert.equal((await on.post(`/workers/${id}/drain`, '')).status, 200);
  assert.equal((await on.post(`/workers/${id}/drain`, '')).status, 200);
  const { id: waits } = await on.submit();
  await on.worker();
  const { attempt } = await reaches(on.jobs, waits, 'completed');
  assert.equal(attempt, 1);
  const ran = await on.redis.hget(keys.record(waits), '_worker');
  assert.notEqual(ran, id);
});

test('jobs for auto leave a GPU worker that is drained', async (t) => {
  const on = await api(t);
  await on.worker({ device: 'cuda:0' });
  await on.worker();
  const gpu = (await workers(on)).find(({ kind }) => kind === 'gpu')!;
  await on.post(`/workers/${gpu.id}/drain`, '');
  const { id } = await on.submit();
  await reaches(on.jobs, id, 'completed');
  assert.notEqual(await on.redis.hget(keys.record(id), '_worker'), gpu.id);
});

test('a worker that does not live cannot be drained', async (t) => {
  const on = await api(t);
  const { status, body } = await on.post('/workers/nobody/drain', '');
  assert.deepEqual([status, (body as Problem).code], [404, 'worker_not_found']);
});

test('priority, key and limit are checked, and shown as they count', async (t) => {
  const on = await api(t);
  const shown = async (more: object) => {
    const { priority, concurrency_key, concurrency_limit } = (await on.submit(job(more))).spec;
    return [priority, concurrency_key, concurrency_limit];
  };
  assert.deepEqual(await shown({}), [0, undefined, undefined]);
  assert.deepEqual(await shown({ priority: -1000, concurrency_key: 'a: b' }), [-1000, 'a: b', 1]);
  assert.deepEqual(await shown({ priority: 1000, concurrency_key: 'k', concurrency_limit: 4 }), [1000, 'k', 4]);
  for (const [more, code, pointer] of [
    [{ priority: 1001 }, 'invalid_request', '/priority'],
    [{ priority: 0.5 }, 'invalid_request', '/priority'],
    [{ concurrency_key: '' }, 'invalid_request', '/concurrency_key'],
    [{ concurrency_key: 'k', concurrency_limit: 0 }, 'invalid_request', '/concurrency_limit'],
    [{ concurrency_limit: 2 }, 'invalid_spec', '/concurrency_limit'],
  ] as const) {
    const { body } = await on.post('/jobs', job(more));
    assert.deepEqual([(body as Problem).code, pointers(body)], [code, [pointer]]);
  }
});

/** Another process's API on the same jobs, as far as they can tell. */
async function otherApi(t: Parameters<typeof api>[0], on: Api): Promise<string> {
  const jobs = await Jobs.connect(on.address, on.storage);
  const server = createFastify();
  server.addHook('onClose', () => jobs.close());
  await server.register(app, { jobs, storage: on.storage });
  t.after(() => server.close());
  return server.listen({ port: 0 });
}
