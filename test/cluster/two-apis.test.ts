/**
 * The services of docker-compose.yml as processes, with the same commands and environments, and two APIs as behind a
 * balancer: what is done at the one is there at the other.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { parse } from 'yaml';
import { Onecycle } from '../../src/client/index.js';
import { findServer } from '../../src/valkey/find.js';
import { root, Server, temporaryFolder, type JobRecord } from '../e2e/harness.js';
import { until } from '../e2e/processes.js';
import { freePort } from '../free-port.js';
import { end } from '../jobs/harness.js';

interface Service {
  command: string[];
  environment: Record<string, string>;
}
const { services } = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Record<'api' | 'worker' | 'valkey', Service>;
};
const key = `oc_${'C3po'.repeat(10)}`;
const folder = temporaryFolder();
const secrets = join(folder, 'api_keys');

let valkey: ChildProcess;
let worker: ChildProcess;
let one: Server;
let two: Server;

before(async () => {
  writeFileSync(secrets, `${key}\n`);
  const port = await freePort();
  const [, ...args] = services.valkey.command;
  valkey = spawn(await findServer(folder, () => undefined), [...args, '--port', String(port), '--dir', folder], {
    stdio: 'ignore',
  });
  // What a container's network and secrets make of it.
  const env = ({ environment }: Service): NodeJS.ProcessEnv => ({
    ...environment,
    REDIS_URL: environment.REDIS_URL.replace('valkey:6379', `127.0.0.1:${port}`),
    ONECYCLE_DATA_DIR: folder,
    ...('ONECYCLE_API_KEYS_FILE' in environment && { ONECYCLE_API_KEYS_FILE: secrets, HOST: '127.0.0.1' }),
  });
  const bin = [process.execPath, 'bin/onecycle.js'] as const;
  worker = spawn(bin[0], [bin[1], ...services.worker.command], {
    cwd: root,
    env: { ...process.env, ...env(services.worker) },
    stdio: 'ignore',
  });
  const start = () =>
    Server.start({ env: env(services.api), dataDir: folder, command: [...bin, ...services.api.command] });
  [one, two] = await Promise.all([start(), start()]);
});

after(async () => {
  await Promise.all([one.stop(), two.stop(), end(worker, 'SIGTERM')]);
  await end(valkey, 'SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

const ask = (server: Server, path: string, init: RequestInit = {}, secret = key): Promise<Response> =>
  fetch(server.url + path, {
    ...init,
    headers: { authorization: `Bearer ${secret}`, ...(init.headers as Record<string, string>) },
  });
const json = async <T>(server: Server, path: string, body?: object, headers = {}, secret = key): Promise<T> => {
  const response = await ask(
    server,
    path,
    body && {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    },
    secret,
  );
  assert.ok(response.ok, `${path} answered ${response.status}: ${await response.clone().text()}`);
  return (await response.json()) as T;
};

const readmeJob = {
  policy: { name: 'fit_one_cycle', n_epoch: 20, lr_max: { lr_find: 'valley' } },
  dataset: { builtin: 'digits' },
  model: { preset: 'mlp', hidden: [64] },
  metrics: ['accuracy'],
};

test('the job of the README, posted at one API and followed at the other, once', async () => {
  const again = { 'idempotency-key': 'readme' };
  const posted = await json<JobRecord>(one, '/jobs', readmeJob, again);
  assert.equal((await json<JobRecord>(two, '/jobs', readmeJob, again)).id, posted.id, 'the key holds at both');
  const client = new Onecycle({ url: two.url, apiKey: key });
  const seqs: number[] = [];
  for await (const { seq } of (await client.jobs.get(posted.id)).stream()) seqs.push(seq);
  assert.deepEqual(
    seqs,
    seqs.map((_, i) => i),
  );
  const { result } = await json<JobRecord>(two, `/jobs/${posted.id}`);
  assert.ok(result!.metrics.accuracy > 0.9);
  const [first, second] = await Promise.all([one, two].map((api) => ask(api, `/jobs/${posted.id}/weights`)));
  assert.deepEqual(await first.arrayBuffer(), await second.arrayBuffer());
  const rows = { x: [Array<number>(64).fill(0)] };
  const predicted = await json<{ data: unknown[] }>(two, `/jobs/${posted.id}/predict`, rows);
  assert.deepEqual(predicted, await json(one, `/jobs/${posted.id}/predict`, rows));
});

test('keys, tickets, data sets, the queue and its demand are the same at both', async () => {
  const made = await json<{ id: string; key: string }>(one, '/keys', { name: 'x', scopes: ['read'] });
  await until('the key works at the other', async () => (await ask(two, '/jobs', {}, made.key)).ok);
  const { ticket } = await json<{ ticket: string }>(one, '/tickets', {}, {}, made.key);
  assert.equal((await fetch(`${two.url}/jobs?ticket=${ticket}`)).status, 200);
  assert.equal((await fetch(`${one.url}/jobs?ticket=${ticket}`)).status, 401, 'once, wherever');
  await ask(two, `/keys/${made.id}`, { method: 'DELETE' });
  await until('it works nowhere', async () => (await ask(one, '/jobs', {}, made.key)).status === 401);

  const upload = { method: 'POST', body: 'x,y\n1,a\n2,b\n3,a\n4,b\n', headers: { 'content-type': 'text/csv' } };
  const stored = (await (await ask(one, '/datasets?name=t.csv', upload)).json()) as { id: string };
  assert.equal((await json<{ rows: number }>(two, `/datasets/${stored.id}`)).rows, 4);
  assert.equal((await ask(two, '/datasets?name=t.csv', upload)).status, 200, 'the same bytes');

  await json(one, '/queue/pause', {});
  assert.equal((await json<{ paused: boolean }>(two, '/queue')).paused, true);
  const held = await json<JobRecord>(two, '/jobs', { ...readmeJob, requires: { gpu: 'h100' } });
  const demand = () => json<{ jobs: number }>(one, '/queue/demand?device=gpu&labels=gpu%3Dh100');
  assert.equal((await demand()).jobs, 1);
  await json(one, `/jobs/${held.id}/cancel`, {});
  assert.equal((await demand()).jobs, 0);
  await json(two, '/queue/resume', {});
  const workers = await json<{ data: { version: string; protocol: number; labels: object }[] }>(two, '/workers');
  assert.deepEqual(
    workers.data.map(({ protocol, labels }) => ({ protocol, labels })),
    [{ protocol: 1, labels: {} }],
  );
  const wrong = await ask(one, '/jobs', {
    method: 'POST',
    body: JSON.stringify({ ...readmeJob, requires: { 'a b': 'c', gpu: '', n: 1 } }),
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(wrong.status, 400);
  const { errors } = (await wrong.json()) as { errors: { pointer: string }[] };
  const wrongFields = errors.map(({ pointer }) => pointer);
  for (const field of ['a b', 'gpu', 'n']) assert.ok(wrongFields.includes(`/requires/${field}`), wrongFields.join());
});

test('an upload in parts goes on at the other API', async () => {
  const bytes = Buffer.from(`a,b\n${'1,x\n'.repeat(50)}`);
  const tus = { 'tus-resumable': '1.0.0' };
  const begun = await ask(one, '/datasets/uploads', {
    method: 'POST',
    headers: { ...tus, 'upload-length': String(bytes.length) },
  });
  assert.equal(begun.status, 201);
  const path = new URL(begun.headers.get('location')!, one.url).pathname;
  const part = (server: Server, from: number, to: number) =>
    ask(server, path, {
      method: 'PATCH',
      body: bytes.subarray(from, to),
      headers: { ...tus, 'upload-offset': String(from), 'content-type': 'application/offset+octet-stream' },
    });
  assert.equal((await part(one, 0, 90)).status, 204);
  assert.equal((await ask(two, path, { method: 'HEAD', headers: tus })).headers.get('upload-offset'), '90');
  assert.equal((await part(two, 90, bytes.length)).status, 201);
});

test('open streams are counted over both', async (t) => {
  const tenant = 'streams';
  const limited = await ask(one, `/tenants/${tenant}`, {
    method: 'PUT',
    body: JSON.stringify({ streams: 2 }),
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(limited.status, 200);
  const { key: secret } = await json<{ key: string }>(one, '/keys', { name: 's', tenant, scopes: ['read', 'jobs'] });
  await until('the key works at the other', async () => (await ask(two, '/jobs', {}, secret)).ok);
  const { id } = await json<JobRecord>(one, '/jobs', { ...readmeJob, requires: { gpu: 'h100' } }, {}, secret);
  t.after(() => json(one, `/jobs/${id}/cancel`, {}, {}, secret));

  // One that is let in is told that this is a WebSocket's address, and counts no longer.
  const letIn = async (server: Server): Promise<boolean> => {
    const { status } = await ask(server, `/jobs/${id}/stream`, {}, secret);
    assert.ok([426, 429].includes(status), `answered ${status}`);
    return status === 426;
  };
  const socket = new WebSocket(`${one.url.replace('http', 'ws')}/jobs/${id}/stream`, {
    headers: { authorization: `Bearer ${secret}` },
  });
  await once(socket, 'open');
  assert.deepEqual([await letIn(one), await letIn(two)], [true, true]);
  const stop = new AbortController();
  assert.equal((await ask(two, `/jobs/${id}/events`, { signal: stop.signal }, secret)).status, 200);
  assert.deepEqual([await letIn(one), await letIn(two)], [false, false]);
  stop.abort();
  await until('the one that was closed counts no longer', () => letIn(one));
  const again = await ask(one, `/jobs/${id}/events`, {}, secret);
  assert.equal(again.status, 200);
  assert.equal(await letIn(two), false);
  socket.terminate();
  await until('nor does the WebSocket', () => letIn(two));
  await again.body?.cancel();
});
