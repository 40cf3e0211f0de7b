/** Who may use the API: this machine's own names without keys, keys with scopes, tickets, revoking. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { test, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { defaultLimits, type AccessSettings } from '../../src/config.js';
import type { AppOptions } from '../../src/api/app.js';
import { isLoopback } from '../../src/api/plugins/access.js';
import { startServer } from '../../src/api/server.js';
import type { Problem } from '../../src/api/schemas/problem.js';
import { hashOf, newSecret } from '../../src/jobs/access/api-key.js';
import { keys } from '../../src/jobs/redis/keys.js';
import { until } from '../e2e/processes.js';
import { spec } from '../jobs/harness.js';
import { api, type Api } from './harness.js';

const given = `oc_${'A1b2C3d4'.repeat(5)}`;
const access: AccessSettings = { apiKeys: [], insecure: false, allowedHosts: [], corsOrigins: [] };

/** A request with any headers: fetch keeps `Host` and `Origin` to itself. */
function raw(
  on: Api,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<[status: number, code: string]> {
  return new Promise((resolve, reject) => {
    const sent = request(on.url + path, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => {
        const isProblem = response.headers['content-type']?.startsWith('application/problem+json');
        resolve([response.statusCode ?? 0, isProblem ? (JSON.parse(text) as Problem).code : '']);
      });
    });
    sent.on('error', reject).end();
  });
}

/** How a WebSocket fares: `open`, or the status that it is refused with. */
function socket(
  on: Api,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ opened: 'open' | number; client: WebSocket }> {
  const client = new WebSocket(on.url.replace('http', 'ws') + path, { headers });
  return new Promise((resolve) => {
    client.on('error', () => undefined);
    client.once('open', () => resolve({ opened: 'open', client }));
    client.once('unexpected-response', (_request, response) => {
      resolve({ opened: response.statusCode ?? 0, client });
      client.terminate();
    });
  });
}

const withKey = (key: string) => ({ authorization: `Bearer ${key}` });
const start = (t: TestContext, more: Partial<AccessSettings> = {}): Promise<Api> => {
  const config: AppOptions['config'] = { access: { ...access, ...more } };
  return api(t, config);
};

test('without keys: this machine’s names, and no page of another origin', async (t) => {
  const on = await start(t, { allowedHosts: ['box.local'], corsOrigins: ['https://app.example.com'] });
  const { port } = new URL(on.url);
  const { id } = await on.submit();
  const hosts: [host: string, status: number][] = [
    ['localhost', 200],
    [`localhost:${port}`, 200],
    [`127.0.0.1:${port}`, 200],
    [`[::1]:${port}`, 200],
    [`box.local:${port}`, 200],
    ['evil.example', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example', 403],
  ];
  for (const [host, status] of hosts) {
    assert.equal((await raw(on, 'GET', '/jobs', { host }))[0], status, `Host: ${host}`);
    const { opened, client } = await socket(on, `/jobs/${id}/stream`, { host });
    assert.equal(opened, status === 200 ? 'open' : status, `a WebSocket to ${host}`);
    client.terminate();
  }
  assert.deepEqual(await raw(on, 'POST', '/queue/pause', { host: 'evil.example' }), [403, 'host_not_allowed']);

  const own = `localhost:${port}`;
  const origins: [origin: string, status: number][] = [
    [`http://${own}`, 200],
    ['https://app.example.com', 200],
    ['http://evil.example', 403],
    [`http://localhost:${Number(port) + 1}`, 403],
    ['null', 403],
  ];
  for (const [origin, status] of origins) {
    assert.equal((await raw(on, 'POST', '/queue/resume', { host: own, origin }))[0], status, `Origin: ${origin}`);
    const { opened, client } = await socket(on, `/jobs/${id}/stream`, { host: own, origin });
    assert.equal(opened, status === 200 ? 'open' : status, `a WebSocket from ${origin}`);
    client.terminate();
  }
  assert.equal((await raw(on, 'GET', '/healthz', { host: 'evil.example' }))[0], 200);
  assert.equal((await raw(on, 'GET', '/nothing', { host: own }))[0], 404);

  const preflight = (origin: string) =>
    fetch(`${on.url}/jobs`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
  const allowed = 'access-control-allow-origin';
  assert.equal((await preflight('https://app.example.com')).headers.get(allowed), 'https://app.example.com');
  assert.equal((await preflight('http://evil.example')).headers.get(allowed), null);
});

test('with keys each route needs one of its scope; signs of life and the dashboard’s files are open', async (t) => {
  const on = await start(t, { apiKeys: [given] });
  const { id } = await on.jobs.create({ type: 'fit', spec: spec() }).then(({ record }) => record);
  const make = async (body: object) => {
    const response = await fetch(`${on.url}/keys`, {
      method: 'POST',
      headers: { ...withKey(given), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 201);
    return (await response.json()) as { id: string; key: string };
  };
  const reader = await make({ name: 'reader', scopes: ['read'] });
  const poster = await make({ name: 'poster', scopes: ['jobs'] });
  const expired = await make({ name: 'old', expires_at: '2020-01-01T00:00:00Z' });
  assert.match(reader.key, /^oc_[0-9A-Za-z]{40}$/);
  const nobody = `oc_${'x'.repeat(40)}`;
  const forged = reader.id + 'x'.repeat(32);

  const table: [method: string, path: string, key: string | null, status: number, code?: string][] = [
    ['GET', '/healthz', null, 200],
    ['GET', '/', null, 200],
    ['GET', '/jobs', null, 401, 'key_needed'],
    ['GET', `/jobs/${id}`, null, 401, 'key_needed'],
    ['GET', '/openapi.json', null, 401, 'key_needed'],
    ['GET', '/jobs', nobody, 401, 'key_needed'],
    ['GET', '/jobs', forged, 401, 'key_needed'],
    ['GET', '/jobs', expired.key, 401, 'key_needed'],
    ['GET', '/jobs', reader.key, 200],
    ['GET', '/jobs', given, 200],
    ['POST', `/jobs/${id}/cancel`, reader.key, 403, 'not_allowed'],
    ['GET', '/jobs', poster.key, 403, 'not_allowed'],
    ['DELETE', '/datasets/ds_none', poster.key, 403, 'not_allowed'],
    ['POST', '/queue/pause', poster.key, 403, 'not_allowed'],
    ['GET', '/keys', reader.key, 403, 'not_allowed'],
    ['GET', '/keys', given, 200],
    ['POST', `/jobs/${id}/cancel`, poster.key, 200],
  ];
  for (const [method, path, key, status, code = ''] of table)
    assert.deepEqual(
      await raw(on, method, path, key === null ? {} : withKey(key)),
      [status, code],
      `${method} ${path} with ${key ?? 'none'}`,
    );
  const stored = await on.redis.hvals('onecycle:api-keys');
  assert.ok(
    stored.every((json) => ![reader, poster].some(({ key }) => json.includes(key.slice(11)))),
    'stored hashed',
  );
});

test('a ticket opens one stream, and a revoked key closes what it has open', async (t) => {
  const on = await start(t, { apiKeys: [given] });
  const { record } = await on.jobs.create({ type: 'fit', spec: spec() });
  const { key, secret } = await on.jobs.access.create({ name: 'page', scopes: ['read'] });
  const ticket = async () => {
    const response = await fetch(`${on.url}/tickets`, { method: 'POST', headers: withKey(secret) });
    return ((await response.json()) as { ticket: string }).ticket;
  };
  const used = await ticket();
  const path = `/jobs/${record.id}/stream?ticket=`;
  const first = await socket(on, path + used);
  assert.equal(first.opened, 'open');
  assert.equal((await socket(on, path + used)).opened, 401, 'a ticket is used once');
  assert.equal((await socket(on, `${path}nothing`)).opened, 401);
  const events = await fetch(`${on.url}/jobs/${record.id}/events?ticket=${await ticket()}`);
  assert.equal(events.status, 200);

  const closed = new Promise<number>((resolve) => first.client.once('close', resolve));
  const ended = events.text();
  await on.jobs.access.revoke(key.id);
  assert.equal(await closed, 1008);
  await ended;
  await until('the key is refused', async () => (await raw(on, 'GET', '/jobs', withKey(secret)))[0] === 401);
});

test('a key that an earlier version has stored works, and is the default tenant’s', async (t) => {
  const on = await start(t);
  const { id, secret } = newSecret();
  const known = { id, object: 'key', name: 'old', scopes: ['read'], created_at: '2026-01-01T00:00:00.000Z' };
  await on.redis.hset(keys.apiKeys, id, JSON.stringify({ ...known, expires_at: null, hash: hashOf(secret) }));
  assert.deepEqual(await on.jobs.access.list(), [
    {
      ...{ ...known, tenant: 'default', expires_at: null, limits: defaultLimits.key },
      usage: { queued: 0, running: 0, stored_bytes: 0 },
    },
  ]);
  await until('it works', async () => (await raw(on, 'GET', '/jobs', withKey(secret)))[0] === 200);
  assert.deepEqual(await raw(on, 'GET', '/jobs', {}), [401, 'key_needed']);
});

test('the service listens on other addresses with a key only, or where it is told to', async (t) => {
  const on = await start(t);
  const listen = (more: Partial<AccessSettings>) =>
    startServer({
      host: '0.0.0.0',
      port: 0,
      redis: on.address,
      storage: on.storage,
      config: { access: { ...access, ...more } },
    });
  await assert.rejects(listen({}), /ONECYCLE_API_KEYS/);
  for (const more of [{ apiKeys: [given] }, { insecure: true }]) await (await listen(more)).close();
});

test('a service that others reach stays closed when its last key is revoked', async (t) => {
  const on = await start(t);
  const { key, secret } = await on.jobs.access.create({ name: 'only', scopes: ['admin'] });
  const server = await startServer({ host: '0.0.0.0', port: 0, redis: on.address, storage: on.storage });
  t.after(() => server.close());
  const elsewhere = Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === 'IPv4' && !each.internal);
  // A machine without a network is reached by itself alone: the table below says what is told apart.
  if (elsewhere) {
    const others = { ...on, url: `http://${elsewhere.address}:${new URL(server.url).port}` };
    const spoofed = { host: 'localhost' };
    assert.deepEqual(await raw(others, 'GET', '/jobs', { ...spoofed, ...withKey(secret) }), [200, '']);
    await on.jobs.access.revoke(key.id);
    await until('the key is refused', async () => (await raw(others, 'GET', '/jobs', withKey(secret)))[0] === 401);
    assert.deepEqual(await raw(others, 'GET', '/jobs', spoofed), [401, 'key_needed']);
  }
  for (const address of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1', 'localhost', undefined])
    assert.ok(isLoopback(address), address);
  for (const address of ['0.0.0.0', '::', '192.0.2.1', '::ffff:192.0.2.1', 'fe80::1', '1127.0.0.1'])
    assert.ok(!isLoopback(address), address);
});
