/** Wrong keys and tickets: counted by address over all API processes, and of no account for right ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { defaultEdge } from '../../src/config.js';
import { startServer } from '../../src/api/server.js';
import { countedAs } from '../../src/api/wrong-keys.js';
import { spec, world } from '../jobs/harness.js';

const right = `oc_${'A1b2C3d4'.repeat(5)}`;
const wrong = `oc_${'Z9y8X7w6'.repeat(5)}`;
/** The id of a key that is one, with another secret. */
const forged = right.slice(0, 11) + wrong.slice(11);

test('an address that sends too many wrong keys waits, at whichever API; right ones from there are taken', async (t) => {
  const on = await world(t, {}, [right]);
  const access = { apiKeys: [right], insecure: false, allowedHosts: [], corsOrigins: [] };
  const start = async () => {
    const server = await startServer({
      ...{ host: '127.0.0.1', port: 0, redis: on.address, storage: on.storage },
      config: { access, wrongKeysPerMinute: 3 },
      edge: { ...defaultEdge, trustProxy: ['loopback'] },
    });
    t.after(() => server.close());
    return server.url;
  };
  const [one, two] = await Promise.all([start(), start()]);
  const { record } = await on.jobs.create({ type: 'fit', spec: spec() });
  const ask = (from: string, key: string | null, { at = one, path = '/jobs', method = 'GET' } = {}) =>
    fetch(at + path, {
      method,
      headers: { 'x-forwarded-for': from, ...(key !== null && { authorization: `Bearer ${key}` }) },
    });
  const statuses = async (...asked: Promise<Response>[]) => (await Promise.all(asked)).map(({ status }) => status);
  /** A WebSocket's answer where it is refused, else 101. */
  const socket = (from: string, { key, query = '' }: { key?: string; query?: string }): Promise<number> => {
    const client = new WebSocket(`${two.replace('http', 'ws')}/jobs/${record.id}/stream${query}`, {
      headers: { 'x-forwarded-for': from, ...(key !== undefined && { authorization: `Bearer ${key}` }) },
    });
    client.on('error', () => undefined);
    return new Promise((resolve) => {
      const done = (status: number): void => {
        resolve(status);
        client.terminate();
      };
      client.once('open', () => done(101));
      client.once('unexpected-response', (_request, response) => done(response.statusCode ?? 0));
    });
  };
  const ticket = async (from: string) => {
    const response = await ask(from, right, { path: '/tickets', method: 'POST' });
    return `?ticket=${((await response.json()) as { ticket: string }).ticket}`;
  };

  // No key at all, and right ones, do not count.
  for (let i = 0; i < 5; i++)
    assert.deepEqual(await statuses(ask('192.0.2.1', null), ask('192.0.2.1', right)), [401, 200]);
  assert.equal((await ask('192.0.2.1', wrong)).status, 401);
  assert.equal(await socket('192.0.2.1', { key: forged }), 401);
  assert.equal((await ask('192.0.2.1', null, { path: '/jobs?ticket=none' })).status, 401);
  const refused = await ask('192.0.2.1', wrong, { at: two });
  assert.equal(refused.status, 429);
  const seconds = Number(refused.headers.get('retry-after'));
  assert.ok(seconds >= 1 && seconds <= 60, String(seconds));
  const { code, detail } = (await refused.json()) as { code: string; detail: string };
  assert.equal(code, 'rate_limited');
  assert.match(detail, /more than 3 wrong keys/);
  assert.ok(!detail.includes(wrong));

  assert.deepEqual(
    await statuses(
      ask('192.0.2.1', forged),
      ask('192.0.2.1', null, { path: '/jobs?ticket=none' }),
      ask('192.0.2.1', null, { path: '/jobs/job_0/events?ticket=none', at: two }),
    ),
    [429, 429, 429],
  );
  assert.deepEqual(
    [await socket('192.0.2.1', { key: wrong }), await socket('192.0.2.1', { query: '?ticket=none' })],
    [429, 429],
  );
  // Who shares the address is not locked out.
  assert.deepEqual(
    await statuses(ask('192.0.2.1', right), ask('192.0.2.1', right, { at: two }), ask('192.0.2.1', null)),
    [200, 200, 401],
  );
  assert.equal(await socket('192.0.2.1', { key: right }), 101);
  assert.equal(await socket('192.0.2.1', { query: await ticket('192.0.2.1') }), 101);

  // What is refused already asks Redis nothing more; others are counted by themselves, IPv6 by its network.
  const counted = () => on.redis.get('onecycle:hits:wrong:192.0.2.1');
  const before = await counted();
  await ask('192.0.2.1', wrong);
  assert.equal(await counted(), before);
  assert.ok((await on.redis.pttl('onecycle:hits:wrong:192.0.2.1')) > 0);
  const found = [];
  for (const host of ['::1', '::2', ':a:b:c:d', '::3']) found.push((await ask(`2001:db8:0:7${host}`, wrong)).status);
  assert.deepEqual(found, [401, 401, 401, 429]);
  assert.deepEqual(await statuses(ask('2001:db8:0:8::1', wrong), ask('192.0.2.2', wrong)), [401, 401]);
});

test('what an address is counted as', async () => {
  const table: [ip: string | undefined, as: string][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
    ['2001:DB8:1:2::', '2001:db8:1:2::'],
    ['fe80::1%eth0', 'fe80::'],
    ['::1', '::'],
    [undefined, 'unknown'],
    ['', 'unknown'],
    ['a proxy’s own words', 'unknown'],
  ];
  for (const [ip, as] of table) assert.equal(await countedAs(ip), as, ip);
});
