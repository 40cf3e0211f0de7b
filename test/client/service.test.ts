/** The client and a real service: jobs to their end, files to the server, and what other generators make. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import { Onecycle, OnecycleError, type JobRequest } from '../../src/client/index.js';
import { root, Server } from '../e2e/harness.js';
import { generatedClients, type Generator } from './generated.js';
import { Line } from './line.js';

const short: JobRequest = {
  policy: { name: 'fit_one_cycle', n_epoch: 20, lr_max: 0.01 },
  dataset: { builtin: 'iris' },
  model: { preset: 'mlp', hidden: [8] },
};

let server: Server;
let line: Line;
let client: Onecycle;
before(async () => {
  server = await Server.start();
  line = await Line.to(server.url);
  client = new Onecycle({ url: `${line.url}/` });
});
after(async () => {
  line.close();
  await server.stop();
});

test('a job whose answer is lost is posted once, and comes to its end with all its results', async () => {
  line.loseAnswer();
  const job = await client.jobs.create({ ...short, name: 'once', tags: { a: '1' } });
  assert.deepEqual(
    (await client.jobs.list()).data.map(({ id }) => id),
    [job.id],
  );
  const record = await job.done();
  assert.deepEqual([record.status, job.status, record.error], ['completed', 'completed', null]);

  const all = await job.metrics();
  assert.equal(all.iteration.length, record.progress.n_iteration);
  assert.equal((await job.metrics({ points: 1 })).iteration.length, 1);
  assert.match(await (await job.metricsAs('csv')).text(), /^iteration,/);
  assert.match(await job.plot('loss'), /^<svg/);
  assert.equal((await job.checkpoints()).at(-1)?.reason, 'final');
  const bytes = await (await job.weights()).arrayBuffer();
  assert.deepEqual(await (await job.weights({ checkpoint: 'last' })).arrayBuffer(), bytes);
  assert.equal(new TextDecoder().decode((await (await job.model('onecycle')).arrayBuffer()).slice(0, 2)), 'PK');
  const { data } = await job.predict({ x: [[5.1, 3.5, 1.4, 0.2]] });
  assert.equal(data.length, 1);

  assert.deepEqual((await client.jobs.update(job.id, { name: 'renamed', tags: { b: '2' } })).tags, { a: '1', b: '2' });
  assert.equal((await client.jobs.get(job.id)).record.name, 'renamed');
  await client.jobs.delete(job.id);
  await assert.rejects(job.refresh(), { code: 'job_not_found', status: 404 });
});

test('a run is steered, retried, and found among all of them', async () => {
  const long: JobRequest = { ...short, policy: { name: 'fit', n_epoch: 1_000_000, lr: 0.001 } };
  const job = await client.jobs.create(long);
  for await (const frame of job.stream()) if (frame.type === 'batches') break;
  assert.match((await job.pause()).status, /^paus/);
  for await (const frame of job.stream()) if (frame.type === 'status' && frame.status === 'paused') break;
  // It may have been taken already when its record is read for the answer.
  assert.match((await job.resume()).status, /^(queued|running)$/);
  await job.cancel();
  assert.equal((await job.done()).status, 'cancelled');
  const again = await job.retry();
  assert.equal(again.record.retry_of, job.id);
  await again.cancel();
  await again.done();
  const ids: string[] = [];
  for await (const { id } of client.jobs.all({ limit: 1, status: 'cancelled' })) ids.push(id);
  assert.deepEqual(ids, [again.id, job.id]);
  assert.deepEqual([(await client.queue.get()).queued, (await client.workers.list()).length], [0, 1]);
});

test('a file comes whole in parts, over a line that breaks', async () => {
  const rows = Array.from({ length: 40_000 }, (_, i) => `${i};${i / 2};${i % 2 ? 'odd' : 'even'}`);
  const csv = new Blob([`n;half;parity\n${rows.join('\n')}\n`]);
  const told: number[] = [];
  const dataset = await client.datasets.upload(csv, {
    name: 'zahlen ü.csv',
    delimiter: ';',
    onProgress({ loaded, total }) {
      assert.equal(total, csv.size);
      if (told.push(loaded) === 2) line.cut();
    },
  });
  assert.deepEqual([dataset.rows, dataset.name], [40_000, 'zahlen ü.csv']);
  assert.ok(told.length > 3);
  assert.deepEqual([told[0], told.at(-1)], [0, csv.size]);

  let streamed = 0;
  const onProgress = ({ loaded }: { loaded: number }): void => void (streamed = loaded);
  const same = await client.datasets.upload(csv.stream(), { delimiter: ';', onProgress });
  assert.deepEqual([same.id, streamed], [dataset.id, csv.size]);
  assert.deepEqual((await client.datasets.list()).data.map(({ id }) => id), [dataset.id]); // prettier-ignore
  await client.datasets.delete(dataset.id);
  const empty = client.datasets.upload(new Blob([]));
  await assert.rejects(empty, { code: 'invalid_dataset', status: 422 });
});

test('what is wrong is said in one type, whoever says it', async () => {
  const wrong = client.jobs.create({ ...short, policy: { name: 'fit_one_cycle', n_epoch: -1 }, batch_size: 0 });
  await assert.rejects(wrong, (error) => {
    assert.ok(error instanceof OnecycleError);
    assert.deepEqual([error.status, error.code], [400, 'invalid_request']);
    assert.deepEqual(error.errors.map(({ pointer }) => pointer).sort(), ['/batch_size', '/policy/n_epoch']);
    assert.match(error.message, /\/batch_size must be/);
    return true;
  });
  const nobody = await Line.to(server.url);
  const { url } = nobody;
  nobody.close();
  await assert.rejects(new Onecycle({ url }).jobs.list(), { code: 'unreachable', status: 0 });
  await assert.rejects(new Onecycle({ url: `${server.url}/docs` }).jobs.list(), { status: 404 });
});

test('a busy server is asked again after the time that it says; a key goes with each request', async () => {
  const asked: (string | null)[] = [];
  const busy = new Onecycle({
    url: server.url,
    apiKey: 'oc_key',
    fetch: (request) => {
      asked.push(request.headers.get('authorization'));
      const refused = Response.json({ status: 503, code: 'unavailable', detail: 'Busy' }, { status: 503 });
      return asked.length < 3 ? Promise.resolve(refused) : fetch(request);
    },
  });
  await busy.jobs.list();
  assert.deepEqual(asked, ['Bearer oc_key', 'Bearer oc_key', 'Bearer oc_key']);
  asked.length = 0;
  await assert.rejects(busy.queue.pause(), { code: 'unavailable', status: 503 });
  assert.equal(asked.length, 1);
});

test("clients that other generators make type-check, post the README's job and read its frames", async (t) => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const body = /-d '(\{[^']*\})'/.exec(readme)?.[1] ?? '';
  const job = body.replace(/"n_epoch": \d+/, '"n_epoch": 1');
  assert.equal((JSON.parse(job) as JobRequest).policy.name, 'fit_one_cycle');
  const programs = await generatedClients(job, operations());
  for (const name of Object.keys(programs) as Generator[]) {
    const { status, types } = await programs[name](server.url);
    assert.deepEqual([status, types[0], types.at(-1)], ['completed', 'status', 'status'], name);
    assert.ok(types.includes('batches') && types.includes('epoch'), name);
    t.diagnostic(`${name}: ${types.join(' ')}`);
  }
});

/** What openapi.yaml calls them; a generator has names of its own where it calls them nothing. */
function operations(): Record<'post' | 'get' | 'events', string> {
  interface Operation {
    operationId?: string;
  }
  const { paths } = parse(readFileSync(join(root, 'openapi.yaml'), 'utf8')) as {
    paths: Record<string, Record<'get' | 'post', Operation>>;
  };
  return {
    post: paths['/jobs'].post.operationId ?? 'postJobs',
    get: paths['/jobs/{id}'].get.operationId ?? 'getJobsById',
    events: paths['/jobs/{id}/events'].get.operationId ?? 'getJobsByIdEvents',
  };
}
