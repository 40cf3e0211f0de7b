/** The edge: bodies that drip, limits of connections, bytes that are not HTTP, TLS, proxies, headers. */
import assert from 'node:assert/strict';
import { copyFile, readdir, readFile } from 'node:fs/promises';
import https from 'node:https';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { startServer } from '../../src/api/server.js';
import type { Problem } from '../../src/api/schemas/problem.js';
import { defaultEdge, type EdgeSettings } from '../../src/config.js';
import { until } from '../e2e/processes.js';
import { spec, world, type World } from '../jobs/harness.js';
import { job } from './harness.js';

const fixture = (name: string): string => fileURLToPath(new URL(`../../../test/api/fixtures/${name}`, import.meta.url));
const json = 'content-type: application/json';
const csv = 'content-type: text/csv';

/** A service on the test's Redis. A body must bring 200 bytes in each two seconds. */
async function serve(t: TestContext, on: World, edge: Partial<EdgeSettings> = {}, host = '127.0.0.1') {
  const server = await startServer({
    host,
    port: 0,
    redis: on.address,
    storage: on.storage,
    edge: { ...defaultEdge, ...edge },
    config: {
      pace: { windowMs: 2000, leastBytesPerSecond: 100, totalMs: 2000 },
      maxJsonBytes: 20_000,
      access: { apiKeys: [], insecure: host === '0.0.0.0', allowedHosts: [], corsOrigins: [] },
    },
  });
  t.after(() => server.close());
  return server.url;
}

/** A connection, and all that it is told until it ends. */
function open(url: string, address = '127.0.0.1'): { socket: Socket; told: Promise<string> } {
  const socket = connect(Number(new URL(url).port), address);
  const told = new Promise<string>((resolve) => {
    let text = '';
    socket.on('error', () => undefined);
    socket.setEncoding('utf8').on('data', (part: string) => (text += part));
    socket.on('close', () => resolve(text));
  });
  return { socket, told };
}

const head = (path: string, length: number, ...headers: string[]): string =>
  [`POST ${path} HTTP/1.1`, 'host: localhost', `content-length: ${length}`, ...headers, '', ''].join('\r\n');

/** Sends a body in such parts, one each 100 ms; what is answered, once the connection ends. */
async function send(url: string, start: string, part: string, parts: number): Promise<string> {
  const { socket, told } = open(url);
  socket.write(start);
  const timer = setInterval(() => {
    if (parts-- > 0) socket.write(part);
    else clearInterval(timer);
  }, 100);
  const answer = await told;
  clearInterval(timer);
  return answer;
}

/** The problem in an answer as it came. */
function problemIn(answer: string): [status: string, code: string] {
  const [headers, body] = answer.split('\r\n\r\n');
  assert.match(headers, /content-type: application\/problem\+json/);
  return [headers.split(' ')[1], (JSON.parse(body) as Problem).code];
}

test('the edge of the service', { concurrency: true }, async (t) => {
  const on = await world(t);
  const url = await serve(t, on);

  await Promise.all([
    t.test('a body that drips is ended, whatever reads it', async () => {
      const endless = 100_000;
      const form = 'content-type: multipart/form-data; boundary=b';
      const dripping: [name: string, start: string][] = [
        ['JSON', head('/jobs', 10_000, json)],
        ['a data set', head('/datasets', endless, csv)],
        [
          'a form',
          `${head('/datasets', endless, form)}--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n`,
        ],
        ['a model', head('/models', endless, 'content-type: application/octet-stream')],
        [
          'a part of an upload',
          head(
            '/datasets/uploads',
            endless,
            'tus-resumable: 1.0.0',
            'upload-length: 100000',
            'content-type: application/offset+octet-stream',
          ),
        ],
        ['a form that nobody reads', head('/keys', 10_000, json)],
      ];
      const answers = await Promise.all(dripping.map(([, start]) => send(url, start, 'x', Infinity)));
      for (const [i, answer] of answers.entries())
        assert.deepEqual(problemIn(answer), ['408', 'request_timeout'], dripping[i][0]);
      // After an answer nothing more is said, but the connection ends.
      assert.match(await send(url, head('/nothing', endless, json), 'x', Infinity), /^HTTP\/1.1 404 /);
      await until('nothing is left of them', async () => {
        const work = await readdir(join(on.folder, 'artifacts', 'tmp')).catch(() => []);
        return work.every((name) => !name.startsWith('upload-'));
      });
    }),

    t.test('a file may take its time; JSON, which is kept in memory, may not', async () => {
      const row = '1,2,x\n'.repeat(200);
      const length = 4 + 25 * row.length;
      const close = 'connection: close';
      const file = await send(url, `${head('/datasets', length, csv, close)}a,b\n`, row, 25);
      assert.match(file, /^HTTP\/1.1 422 /, 'three columns where the header names two');
      assert.deepEqual(problemIn(await send(url, head('/jobs', 10_000, json), ' '.repeat(100), Infinity)), [
        '408',
        'request_timeout',
      ]);
    }),

    t.test('large JSON is refused before it is read, and told where to go', async () => {
      const body = JSON.stringify(job({ name: 'x'.repeat(20_000) }));
      const response = await fetch(`${url}/jobs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      const { code, detail } = (await response.json()) as Problem;
      assert.deepEqual([response.status, code], [413, 'body_too_large']);
      assert.match(detail, /20000 bytes.*\/datasets/);
      // Where JSON is a file of rows, it goes to disk.
      const rows = '{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n'.repeat(1000);
      const headers = { 'content-type': 'application/json' };
      assert.equal((await fetch(`${url}/datasets`, { method: 'POST', headers, body: rows })).status, 201);
    }),

    t.test('what is not HTTP is a problem too', async () => {
      for (const [sent, ...expected] of [
        ['GARBAGE\r\n\r\n', '400', 'malformed_request'],
        [`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, '431', 'headers_too_large'],
        [
          'GET / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
          '400',
          'malformed_request',
        ],
      ]) {
        const { socket, told } = open(url);
        socket.write(sent);
        assert.deepEqual(problemIn(await told), expected);
      }
    }),

    t.test('connections have limits, in all and for an address', async (t) => {
      const few = await serve(t, on, { maxConnections: 3 });
      const kept = Array.from({ length: 3 }, () => open(few));
      await Promise.all(kept.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))));
      assert.equal(await open(few).told, '');
      kept[0].socket.destroy();
      await until('there is a place again', () =>
        fetch(`${few}/healthz`)
          .then(({ ok }) => ok)
          .catch(() => false),
      );
      for (const { socket } of kept) socket.destroy();

      const elsewhere = Object.values(networkInterfaces())
        .flat()
        .find((each) => each?.family === 'IPv4' && !each.internal);
      if (!elsewhere) {
        t.diagnostic('this machine has no address but loopback: the limit of an address is not tried');
        return;
      }
      const shared = await serve(t, on, { maxConnectionsPerAddress: 2 }, '0.0.0.0');
      const others = Array.from({ length: 2 }, () => open(shared, elsewhere.address));
      await Promise.all(others.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))));
      assert.equal(await open(shared, elsewhere.address).told, '');
      assert.ok(
        (await fetch(`http://127.0.0.1:${new URL(shared).port}/healthz`)).ok,
        'this machine’s own are not counted',
      );
      for (const { socket } of others) socket.destroy();
    }),

    t.test('TLS by files, which are read again when they change', async (t) => {
      const [cert, key] = [join(on.folder, 'tls.crt'), join(on.folder, 'tls.key')];
      const put = async (name: string): Promise<Buffer> => {
        await copyFile(fixture(`tls-${name}.crt`), cert);
        await copyFile(fixture(`tls-${name}.key`), key);
        return readFile(cert);
      };
      const first = await put('a');
      const secure = await serve(t, on, { tls: { cert, key } });
      assert.match(secure, /^https:/);
      const get = (ca: Buffer) =>
        new Promise<string>((resolve, reject) => {
          const request = https.get(`${secure}/healthz`, { ca, agent: false }, (response) => {
            response.resume();
            resolve(String(response.headers['strict-transport-security']));
          });
          request.on('error', reject);
        });
      assert.match(await get(first), /max-age=\d+/);
      const { id } = (await on.jobs.create({ type: 'fit', spec: spec() })).record;
      const socket = new WebSocket(`${secure.replace('https', 'wss')}/jobs/${id}/stream`, { ca: first });
      await new Promise((resolve, reject) => socket.once('message', resolve).once('error', reject));
      socket.terminate();
      const second = await put('b');
      await until('the new certificate is served', () =>
        get(second)
          .then(() => true)
          .catch(() => false),
      );
      await assert.rejects(get(first));
      await assert.rejects(
        serve(t, on, { tls: { cert, key: join(on.folder, 'none') } }),
        /ONECYCLE_TLS_KEY=.*cannot be read/,
      );
    }),

    t.test('a proxy is believed where it is named, and nobody is let in by what it might say', async (t) => {
      const behind = await serve(t, on, { trustProxy: ['loopback'] });
      const port = new URL(url).port;
      const ask = async (to: string, headers: Record<string, string>) => {
        const { socket, told } = open(to);
        const lines = Object.entries({ connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}`);
        socket.write(['GET /jobs HTTP/1.1', ...lines, '', ''].join('\r\n'));
        const answer = await told;
        return answer.startsWith('HTTP/1.1 200 ') ? 'in' : problemIn(answer)[1];
      };
      const own = { host: `localhost:${port}` };
      const cases: [headers: Record<string, string>, direct: string, proxied: string][] = [
        [own, 'in', 'in'],
        // Somebody else, by a proxy on this machine.
        [{ ...own, 'x-forwarded-for': '192.0.2.7' }, 'in', 'key_needed'],
        // Who says of themselves that they are this machine: the proxy adds their address.
        [{ ...own, 'x-forwarded-for': '127.0.0.1, 192.0.2.7' }, 'in', 'key_needed'],
        [{ ...own, 'x-forwarded-for': '127.0.0.1' }, 'in', 'in'],
        // A rebound name, whose page sends the header itself; and one that the proxy was asked by.
        [{ host: 'evil.example', 'x-forwarded-host': 'localhost' }, 'host_not_allowed', 'host_not_allowed'],
        [{ ...own, 'x-forwarded-host': 'evil.example' }, 'in', 'host_not_allowed'],
        [{ host: 'evil.example', 'x-forwarded-for': '127.0.0.1' }, 'host_not_allowed', 'host_not_allowed'],
      ];
      for (const [headers, direct, proxied] of cases) {
        assert.equal(await ask(url, headers), direct, `to us: ${JSON.stringify(headers)}`);
        assert.equal(await ask(behind, headers), proxied, `by a proxy: ${JSON.stringify(headers)}`);
      }
    }),

    t.test('answers say what browsers may make of them', async () => {
      const policyOf = async (path: string) => {
        const { headers } = await fetch(url + path);
        assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
        assert.equal(headers.get('referrer-policy'), 'no-referrer', path);
        assert.equal(headers.get('strict-transport-security'), null, path);
        return headers.get('content-security-policy') ?? '';
      };
      for (const path of ['/jobs', '/nothing', '/healthz', '/index.html', '/docs']) {
        const policy = await policyOf(path);
        assert.match(policy, /default-src 'none'/, path);
        assert.match(policy, /frame-ancestors 'none'/, path);
      }
      for (const path of ['/jobs', '/index.html'])
        assert.doesNotMatch(await policyOf(path), /script-src[^;]*unsafe/, path);
      assert.doesNotMatch(await policyOf('/index.html'), /unsafe/);
    }),
  ]);
});
