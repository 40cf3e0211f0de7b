/** Every kind of address that Redis may have; a server behind TLS with a user of its own. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { createServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { isClusterUrl, loadConfig } from '../../src/config.js';
import { severalServers } from '../../src/jobs/redis/address.js';
import { openRedis } from '../../src/jobs/redis/client.js';
import { world } from './harness.js';

const none = { username: undefined, password: undefined };

test('several servers, their user and what they are called', () => {
  const cases: [url: string, found: ReturnType<typeof severalServers>][] = [
    ['redis://host:6379/1', null],
    ['rediss://user:secret@host', null],
    [
      'redis+sentinel://a:1,b/main',
      {
        kind: 'sentinel',
        tls: false,
        places: [
          { host: 'a', port: 1 },
          { host: 'b', port: 26379 },
        ],
        ...none,
        name: 'main',
        db: 0,
      },
    ],
    [
      'rediss+sentinel://u:p%40%2Fq@[::1]:7,c/main/3',
      {
        ...{
          kind: 'sentinel',
          tls: true,
          places: [
            { host: '::1', port: 7 },
            { host: 'c', port: 26379 },
          ],
        },
        ...{ username: 'u', password: 'p@/q', name: 'main', db: 3 },
      },
    ],
    [
      'redis+cluster://:p@a,b:2/',
      {
        ...{
          kind: 'cluster',
          tls: false,
          places: [
            { host: 'a', port: 6379 },
            { host: 'b', port: 2 },
          ],
        },
        ...{ username: undefined, password: 'p', name: '', db: 0 },
      },
    ],
  ];
  for (const [url, found] of cases) {
    assert.deepEqual(severalServers(url), found, url);
    assert.equal(loadConfig({ REDIS_URL: url }).redisUrl, url);
    assert.equal(isClusterUrl({ REDIS_URL: url }), url.includes('cluster'));
  }
});

test('addresses that cannot be, and files that are not there', () => {
  for (const url of [
    'redis+sentinel://a',
    'redis+sentinel://a/main/x',
    'redis+cluster://a/1',
    'redis+other://a',
    'valkey://a',
  ])
    assert.throws(() => loadConfig({ REDIS_URL: url }), { code: 'invalid_configuration' }, url);
  assert.throws(() => loadConfig({ REDIS_TLS_CA: '/no/such/file' }), /REDIS_TLS_CA=\/no\/such\/file cannot be read/);
  assert.throws(() => loadConfig({ REDIS_URL: 'redis+cluster://u:secret@a/1' }), /u:…@a/);
});

test('rediss with a certificate of one’s own, and an ACL user', async (t) => {
  const w = await world(t);
  await w.redis.acl('SETUSER', 'trainer', 'on', '>secret', '~*', '&*', '+@all');
  const file = (name: string) => fileURLToPath(new URL(`../../../test/jobs/fixtures/tls/${name}.pem`, import.meta.url));
  const proxy = createServer({ key: readFileSync(file('key')), cert: readFileSync(file('cert')) }, (socket) => {
    const server = connect(w.address.path);
    socket.on('error', () => server.destroy()).pipe(server);
    server.on('error', () => socket.destroy()).pipe(socket);
  }).listen(0, '127.0.0.1');
  proxy.on('tlsClientError', () => undefined);
  t.after(() => proxy.close());
  await once(proxy, 'listening');
  const address = proxy.address();
  assert.ok(typeof address === 'object' && address);
  const url = `rediss://trainer:secret@127.0.0.1:${address.port}`;

  const untrusting = openRedis(url, 'answering');
  await assert.rejects(untrusting.ping());
  untrusting.disconnect();

  process.env.REDIS_TLS_CA = file('cert');
  t.after(() => delete process.env.REDIS_TLS_CA);
  const client = openRedis(url, 'answering');
  t.after(() => client.disconnect());
  assert.equal(await client.acl('WHOAMI'), 'trainer');
  assert.deepEqual(await client.liveWorkers(0), []);
});
