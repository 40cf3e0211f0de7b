/** Tenants: each sees its own alone, by every route that there is; and what each may take. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { WebSocket } from 'ws';
import type { Problem } from '../../src/api/schemas/problem.js';
import { artifacts, type JobRecord } from '../../src/jobs/index.js';
import { documentedFetch } from '../openapi.js';
import { api, job, type Api } from './harness.js';

const secret = (letter: string) => `oc_${letter.repeat(40)}`;
const operator = secret('o');
const acme = secret('a');
const beta = secret('b');
const gamma = secret('c');
const delta = secret('d');
const zeta = secret('z');
const apiKeys = [`zeta:${zeta}`, operator, `acme:${acme}`, `beta:${beta}`, `gamma:${gamma}`, `delta:${delta}`];
const access = { apiKeys, insecure: false, allowedHosts: [], corsOrigins: [] };
const csv = 'a,b,y\n1,2,0\n2,3,1\n3,4,0\n4,5,1\n5,6,0\n6,7,1\n7,8,0\n8,9,1\n';
const csvBytes = Buffer.byteLength(csv);

interface Answer<T = Problem> {
  status: number;
  headers: Headers;
  body: T;
}

/** A request with a key. */
async function ask<T = Problem>(
  on: Api,
  key: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await documentedFetch(on.url + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'content-type': raw ? 'application/octet-stream' : 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: raw ? new Uint8Array(Buffer.from(body)) : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
  return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as T };
}

/** A safetensors file with a matrix of zeros. */
function weights(): Buffer {
  const header = Buffer.from(JSON.stringify({ '0.weight': { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] } }));
  const size = Buffer.alloc(8);
  size.writeUInt32LE(header.length);
  return Buffer.concat([size, header, Buffer.alloc(16)]);
}

/** Everything that a tenant can have, by the address that names it. */
async function fill(on: Api, key: string) {
  const made = async (path: string, body?: unknown) => {
    const answer = await ask<{ id: string }>(on, key, 'POST', path, body);
    assert.equal(answer.status, 201, `${path}: ${JSON.stringify(answer.body)}`);
    return answer.body.id;
  };
  const upload = await ask(on, key, 'POST', '/datasets/uploads', undefined, {
    'tus-resumable': '1.0.0',
    'upload-length': '100',
  });
  return {
    '/jobs/{id}': await made('/jobs', job({ name: 'secret', tags: { of: 'acme' } })),
    '/datasets/{id}': await made('/datasets?name=rows.csv', csv),
    '/models/{id}': await made('/models', weights()),
    '/keys/{id}': await made('/keys', { name: 'reader' }),
    '/datasets/uploads/{upload}': upload.headers.get('location')!.split('/').at(-1)!,
    '/webhooks/{id}': await made('/webhooks', { url: 'https://8.8.8.8/hook', events: ['job.checkpoint'] }),
    '/workers/{id}': 'worker',
    '/tenants/{name}': 'acme',
  };
}

type Things = Awaited<ReturnType<typeof fill>>;

interface Operations {
  paths: Record<string, Record<string, { operationId?: string }>>;
}

async function byEveryOperation(on: Api, ids: Things): Promise<void> {
  const { paths } = parse(readFileSync(new URL('../../../openapi.yaml', import.meta.url), 'utf8')) as Operations;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).flatMap((method) => (path.includes('{') ? [{ method: method.toUpperCase(), path }] : [])),
  );
  assert.ok(operations.length > 30, String(operations.length));
  for (const { method, path } of operations) {
    const [at, id] = Object.entries(ids)
      .sort(([a], [b]) => b.length - a.length)
      .find(([each]) => path === each || path.startsWith(`${each}/`)) ?? ['', ''];
    assert.notEqual(at, '', `${path}: the test has nothing of acme’s that it names`);
    const url = path.replace(at, at.replace(/\{\w+\}/, id)).replaceAll(/\{\w+\}/g, '0');
    // The operator may see to keys and tenants, and to workers.
    const others = ['/keys/{id}', '/tenants/{name}', '/workers/{id}'].includes(at) ? [beta] : [beta, operator];
    for (const key of others) {
      const { status, body } = await ask(on, key, method, url);
      assert.equal(status, 404, `${method} ${path} by ${key}`);
      if (method !== 'GET' || path !== at) continue;
      const nothing = await ask(on, key, method, url.replace(id, 'none'));
      assert.equal(body.detail.replace(id, 'none'), nothing.body.detail, `${method} ${path} tells that it is there`);
    }
  }
  for (const at of ['/jobs/{id}', '/datasets/{id}', '/models/{id}'] as const)
    assert.equal((await ask(on, acme, 'GET', at.replace('{id}', ids[at]))).status, 200, `${at} for its own`);
}

async function listsAndNames(on: Api, ids: Things): Promise<void> {
  const id = ids['/jobs/{id}'];
  for (const [key, count] of [
    [acme, 1],
    [beta, 0],
    [operator, 0],
  ] as const) {
    for (const path of [
      '/jobs',
      '/jobs?status=queued',
      '/jobs?tag=of',
      '/jobs?q=secret',
      '/jobs?sort=name',
      '/datasets',
      '/models',
    ]) {
      const { data } = (await ask<{ data: unknown[] }>(on, key, 'GET', path)).body;
      assert.equal(data.length, count, `${path} by ${key}`);
    }
    const after = await ask(on, key, 'GET', `/jobs?after=${id}`);
    assert.equal(after.status, count === 1 ? 200 : 400);
  }
  const queueOf = async (key: string) =>
    (await ask<{ queued: number; data: { job: string }[] }>(on, key, 'GET', '/queue')).body;
  assert.deepEqual(
    (await queueOf(acme)).data.map((each) => each.job),
    [id],
  );
  assert.deepEqual([(await queueOf(beta)).data, (await queueOf(beta)).queued], [[], 0]);
  assert.deepEqual(
    (await queueOf(operator)).data.map((each) => each.job),
    [id],
    'an operator sees the whole queue',
  );
  const figures = (await ask<string>(on, operator, 'GET', '/metrics')).body;
  assert.match(figures, /^onecycle_jobs\{status="queued"\} 1$/m, 'figures are of all tenants');
  const demand = (await ask<{ queued: number }>(on, operator, 'GET', '/queue/demand?device=cpu')).body;
  assert.equal(demand.queued, 1, 'and so is what there is to do');
  const keysOf = async (key: string) =>
    (await ask<{ data: { tenant: string }[] }>(on, key, 'GET', '/keys')).body.data.map(({ tenant }) => tenant);
  assert.deepEqual([await keysOf(acme), await keysOf(beta), await keysOf(operator)], [['acme'], [], ['acme']]);

  const opens = (key: string) =>
    new Promise<number>((resolve) => {
      const socket = new WebSocket(`${on.url.replace('http', 'ws')}/stream?jobs=${id}`, {
        headers: { authorization: `Bearer ${key}` },
      });
      socket.on('error', () => undefined);
      socket.once('open', () => resolve(101));
      socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
      socket.once('open', () => socket.terminate());
    });
  assert.deepEqual(await Promise.all([opens(acme), opens(beta), opens(operator)]), [101, 404, 404]);

  const names = {
    continue_from: {
      policy: { name: 'fit', n_epoch: 1 },
      continue_from: { job: id, checkpoint: 'last' },
      dataset: { builtin: 'digits' },
    },
    dataset: job({ dataset: { id: ids['/datasets/{id}'], target: 'y' }, model: { preset: 'tabular' }, batch_size: 2 }),
    model: job({
      dataset: { builtin: 'iris' },
      model: { preset: 'mlp', hidden: [2], pretrained: ids['/models/{id}'] },
    }),
  };
  for (const [what, body] of Object.entries(names))
    assert.equal((await ask(on, beta, 'POST', '/jobs', body)).status, 422, what);
  const { status, body } = await ask(on, acme, 'POST', '/jobs', names.dataset);
  assert.equal(status, 201, JSON.stringify(body));
  const refused = async (key: string) => (await ask(on, key, 'POST', '/jobs', names.model)).body.detail;
  assert.match(await refused(beta), /there is no model/);
  assert.match(await refused(acme), /does not fit/);
}

async function ids(on: Api): Promise<void> {
  const post = async (key: string, headers: Record<string, string>) =>
    (await ask<JobRecord>(on, key, 'POST', '/jobs', job({ concurrency_key: 'k' }), headers)).body;
  const [first, second] = [
    await post(gamma, { 'idempotency-key': 'i' }),
    await post(delta, { 'idempotency-key': 'i' }),
  ];
  assert.notEqual(first.id, second.id);
  assert.equal((await post(gamma, { 'idempotency-key': 'i' })).id, first.id);
  const queued = await ask<JobRecord>(on, delta, 'GET', `/jobs/${second.id}`);
  assert.ok(!queued.body.queue?.reason.includes('concurrency_key'), 'no job of another tenant holds it back');

  const uploads = await Promise.all(
    [operator, gamma, delta].map((key) =>
      ask<{ id: string; sha256: string }>(on, key, 'POST', '/datasets', `${csv}9,9,0\n`),
    ),
  );
  assert.deepEqual(
    uploads.map(({ status }) => status),
    [201, 201, 201],
  );
  const [own, ofGamma, ofDelta] = uploads.map(({ body }) => body);
  assert.equal(new Set([own.id, ofGamma.id, ofDelta.id]).size, 3);
  assert.equal(own.id, `ds_${own.sha256.slice(0, 20)}`);
  const file = artifacts.uploadFile(own.sha256);
  for (const [key, { id }] of [
    [operator, own],
    [gamma, ofGamma],
  ] as const) {
    assert.equal((await ask(on, key, 'DELETE', `/datasets/${id}`)).status, 204);
    assert.ok(await on.storage.exists(file), 'the others have the bytes');
  }
  const body = job({ dataset: { id: ofDelta.id, target: 'y' }, model: { preset: 'tabular' }, batch_size: 2 });
  const made = await ask<JobRecord>(on, delta, 'POST', '/jobs', body);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  await ask(on, delta, 'POST', `/jobs/${made.body.id}/cancel`);
  assert.equal((await ask(on, delta, 'DELETE', `/datasets/${ofDelta.id}`)).status, 204);
  assert.ok(!(await on.storage.exists(file)), 'nobody has them any more');
}

async function admins(on: Api): Promise<void> {
  const make = (key: string, tenant?: string) =>
    ask<{ tenant: string; key: string; id: string }>(on, key, 'POST', '/keys', {
      name: 'k',
      ...(tenant && { tenant }),
    });
  assert.equal((await make(acme)).body.tenant, 'acme');
  assert.equal((await make(operator)).body.tenant, 'default');
  const { body: given } = await make(operator, 'gamma');
  assert.equal(given.tenant, 'gamma');
  assert.equal((await make(acme, 'beta')).status, 403);
  assert.equal((await make(acme, 'Not a name')).status, 400);
  for (const path of ['/queue/pause', '/queue/resume'])
    assert.equal((await ask(on, acme, 'POST', path)).status, 403, path);
  assert.equal((await ask(on, acme, 'PUT', '/tenants/acme', {})).status, 403);
  assert.equal((await ask(on, operator, 'DELETE', `/keys/${given.id}`)).status, 204);
  const named = async (key: string) =>
    (await ask<{ data: { name: string }[] }>(on, key, 'GET', '/tenants')).body.data.map(({ name }) => name);
  assert.deepEqual([await named(operator), await named(acme)], [['default', 'acme', 'delta', 'gamma'], ['acme']]);
}

async function quotas(on: Api): Promise<void> {
  const limit = (limits: object) => ask(on, operator, 'PUT', '/tenants/zeta', limits);
  const refused = async (code: string, send: () => Promise<Answer>) => {
    const answer = await send();
    assert.equal(answer.body.code, code, JSON.stringify(answer.body));
    return answer;
  };
  const submit = (key: string) => ask(on, key, 'POST', '/jobs', job());
  assert.equal((await limit({ queued: 6 })).status, 200);
  for (const expected of [201, 201, 201, 201, 429]) assert.equal((await submit(zeta)).status, expected, 'of the key');
  const { body: more } = await ask<{ key: string }>(on, zeta, 'POST', '/keys', { name: 'more' });
  for (const expected of [201, 201]) assert.equal((await submit(more.key)).status, expected);
  const [last] = (await ask<{ data: JobRecord[] }>(on, zeta, 'GET', '/jobs')).body.data;
  assert.equal(last.spec.timeout_seconds, 60);
  const long = job({ policy: { name: 'fit', n_epoch: 1000 } });
  assert.match((await ask(on, more.key, 'POST', '/jobs', long)).body.detail, /at most 1000 iterations/);
  const full = await submit(more.key);
  assert.deepEqual([full.status, full.body.code, full.headers.get('retry-after')], [429, 'quota_reached', '10']);
  assert.match(full.body.detail, /tenant zeta/);
  assert.equal((await submit(beta)).status, 201, 'another tenant has its own');
  const at = await ask<{ usage: object }>(on, operator, 'GET', '/tenants/zeta');
  assert.deepEqual(at.body.usage, { queued: 6, running: 0, stored_bytes: 0 });

  await limit({ stored_bytes: csvBytes });
  const stored = await refused('storage_full', () => ask(on, zeta, 'POST', '/datasets', `${csv}9,10,1\n`));
  assert.equal(stored.status, 413);
  assert.equal((await ask(on, zeta, 'POST', '/datasets', csv)).status, 201);
  await limit({});

  const limits = { queued: 5, stored_bytes: 2 * csvBytes + weights().length - 1 };
  const { body: small } = await ask<{ key: string; id: string }>(on, zeta, 'POST', '/keys', { name: 'small', limits });
  const second = csv.replace('a,b,y', 'c,d,y');
  const upload = (key: string, path: string, body: unknown) => ask<{ id: string }>(on, key, 'POST', path, body);
  const { body: other } = await upload(small.key, '/datasets', second);
  const { status: made, body: model } = await upload(small.key, '/models', weights());
  assert.equal(made, 201);
  const third = await ask(on, small.key, 'POST', '/datasets', csv.replace('a,b,y', 'e,f,y'));
  assert.deepEqual([third.status, third.body.code], [413, 'storage_full']);
  assert.match(third.body.detail, new RegExp(`key ${small.id}`));
  assert.equal((await upload(small.key, '/datasets', csv)).status, 200, 'what another key has stored costs it nothing');
  const usageOf = async () =>
    (await ask<{ data: { id: string; limits: object; usage: object }[] }>(on, zeta, 'GET', '/keys')).body.data.find(
      ({ id }) => id === small.id,
    );
  const taken = await usageOf();
  assert.deepEqual(taken?.limits, limits, 'its own go before those of the configuration');
  assert.deepEqual(taken.usage, { queued: 0, running: 0, stored_bytes: csvBytes + weights().length });
  assert.equal((await ask(on, zeta, 'DELETE', `/datasets/${other.id}`)).status, 204, 'by whoever');
  assert.equal((await ask(on, zeta, 'DELETE', `/models/${model.id}`)).status, 204);
  assert.deepEqual((await usageOf())?.usage, { queued: 0, running: 0, stored_bytes: 0 });
  const wrong = await ask(on, zeta, 'POST', '/keys', { name: 'k', limits: { running: 0 } });
  assert.deepEqual([wrong.status, wrong.body.errors?.map(({ pointer }) => pointer)], [400, ['/limits/running']]);

  await limit({ body_bytes: 10 });
  assert.equal((await refused('body_too_large', () => submit(zeta))).status, 413);

  await limit({ streams: 1 });
  const id = (await ask<{ data: { id: string }[] }>(on, zeta, 'GET', '/jobs')).body.data[0].id;
  const stream = new AbortController();
  const events = `/jobs/${id}/events`;
  const { status } = await fetch(on.url + events, {
    headers: { authorization: `Bearer ${zeta}` },
    signal: stream.signal,
  });
  assert.equal(status, 200);
  assert.equal((await refused('quota_reached', () => ask(on, zeta, 'GET', events))).status, 429);
  stream.abort();

  await limit({ requests_per_minute: 3 });
  const limited = await refused('rate_limited', () => ask(on, zeta, 'GET', '/jobs'));
  assert.equal(limited.status, 429);
  assert.ok(Number(limited.headers.get('retry-after')) > 0);
  assert.equal((await ask(on, acme, 'GET', '/jobs')).status, 200);
}

test('tenants', async (t) => {
  const on = await api(t, { access }, { key: { queued: 4 }, maxIterations: 1000, timeoutSeconds: 60 });
  const things = await fill(on, acme);
  await t.test('whatever an address names of another tenant is not there, by every operation of openapi.yaml', () =>
    byEveryOperation(on, things),
  );
  await t.test('lists, searches, streams and what a job names are a tenant’s own', () => listsAndNames(on, things));
  await t.test('ids and keys are a tenant’s own, the bytes of a data set are shared', () => ids(on));
  await t.test('a tenant’s admin makes keys of its own tenant; the service is the default tenant’s', () => admins(on));
  await t.test('quotas: jobs, requests, streams, stored bytes and bodies', () => quotas(on));
});
