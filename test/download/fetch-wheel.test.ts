/** Wheels are fetched by Node from pip's index: a real server, real broken connections, a real proxy. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test, type TestContext } from 'node:test';
import { fetchWheel } from '../../src/download/fetch-wheel.js';
import { pipSettings } from '../../src/download/pip-settings.js';
import type { ProgressEvent } from '../../src/download/progress.js';
import { readPythonIni } from '../../src/download/python-ini.js';

const folder = mkdtempSync(join(tmpdir(), 'onecycle-wheels-'));
after(() => rmSync(folder, { recursive: true }));

const bytes = randomBytes(300_000);
const sha256 = createHash('sha256').update(bytes).digest('hex');
const file = 'some_thing-1.0-py3-none-any.whl';
const wheel = { file, sha256 };
const json = 'application/vnd.pypi.simple.v1+json';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
/** By path. */
type Site = Record<string, Handler>;

interface Running {
  url: string;
  /** `GET /path`, in their order. */
  asked: string[];
  server: Server;
}

async function serve(t: TestContext, site: Site): Promise<Running> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const handler = site[request.url ?? ''] as Handler | undefined;
    if (handler) handler(request, response);
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server };
}

const index =
  (links: object): Handler =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': json }).end(JSON.stringify({ files: [links] }));
  };
const html =
  (page: string): Handler =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  };
const whole: Handler = (_request, response) => {
  response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
};
const listed = { filename: file, url: '../../files/wheel', hashes: { sha256 } };
const good: Site = { '/simple/some-thing/': index(listed), '/files/wheel': whole };

let folders = 0;
/** Fetches the wheel from indexes, as pip's settings name them. */
async function fetched(...indexes: string[]): Promise<{ path: string; events: ProgressEvent[] }> {
  const events: ProgressEvent[] = [];
  const target = join(folder, String(folders++));
  const path = await fetchWheel(wheel, target, (event) => events.push(event), undefined, { indexes, cert: null });
  assert.ok(readFileSync(path).equals(bytes));
  return { path, events };
}

describe('the index', () => {
  test('PEP 691: JSON is asked for first, and progress tells the bytes', async (t) => {
    let accept = '';
    const site = await serve(t, {
      ...good,
      '/simple/some-thing/': (request, response) => {
        accept = request.headers.accept ?? '';
        index(listed)(request, response);
      },
    });
    const { path, events } = await fetched(`${site.url}/simple`);
    assert.equal(path.endsWith(file), true);
    assert.ok(accept.startsWith(json));
    assert.deepEqual(events.at(-1), {
      step: 'download',
      what: 'some_thing 1.0',
      done: bytes.length,
      total: bytes.length,
    });
  });

  const pages: [what: string, page: string][] = [
    ['a hash in the fragment', `<a href="../../files/wheel#sha256=${sha256}">${file}</a>`],
    ['no hash', `<!DOCTYPE html><body><a href="/files/wheel">\n${file}\n</a>`],
    ['a base', `<html><head><base href="/files/"></head><a href="wheel" data-yanked="">${file}</a>`],
    ['escapes in it', `<a href="/simple/../files/wh&#101;el?">${file}</a>`],
  ];
  for (const [what, page] of pages) {
    test(`PEP 503: HTML with ${what}`, async (t) => {
      const site = await serve(t, {
        '/simple/some-thing/': html(page),
        '/files/wheel': whole,
        '/files/wheel?': whole,
      });
      await fetched(`${site.url}/simple/`);
    });
  }

  test('what the first index lacks, or has with another hash, comes from the next', async (t) => {
    const other = await serve(t, { '/simple/some-thing/': index({ ...listed, hashes: { sha256: '0'.repeat(64) } }) });
    const none = await serve(t, {});
    const site = await serve(t, good);
    await fetched(`${other.url}/simple`, `${none.url}/simple`, `${site.url}/simple`);
    assert.equal(other.asked.length, 1);
  });

  test('an index that is in trouble for a moment is asked again', async (t) => {
    let asked = 0;
    const site = await serve(t, {
      ...good,
      '/simple/some-thing/': (request, response) => {
        if (asked++ === 0) response.writeHead(503).end();
        else index(listed)(request, response);
      },
    });
    await fetched(`${site.url}/simple`);
    assert.equal(asked, 2);
  });

  test('credentials go to the index and to its own files, and stand in no message', async (t) => {
    const basic = `Basic ${Buffer.from('me@work:se:cret').toString('base64')}`;
    const guarded =
      (handler: Handler): Handler =>
      (request, response) => {
        if (request.headers.authorization === basic) handler(request, response);
        else response.writeHead(401).end();
      };
    const site = await serve(t, {
      '/simple/some-thing/': guarded(index(listed)),
      '/files/wheel': guarded(whole),
    });
    const url = new URL(`${site.url}/simple`);
    url.username = encodeURIComponent('me@work');
    url.password = encodeURIComponent('se:cret');
    await fetched(url.href);
    url.password = 'wrong';
    await assert.rejects(fetched(url.href), ({ message }: Error) => {
      assert.match(message, /answers 401/);
      assert.doesNotMatch(message, /wrong|me%40work|me@work/);
      return true;
    });
  });
});

describe('a broken connection', () => {
  /** Gives `part` bytes of what is asked for and then breaks; from the second request on, all of it. */
  interface Breaking {
    /** Null where the server does not say which version of the file it has. */
    validator?: string | null;
    /** Whether it knows ranges. */
    obeys?: boolean;
  }
  const breaking = (ranges: (string | undefined)[], { validator = '"v1"', obeys = true }: Breaking = {}): Site => ({
    ...good,
    '/files/wheel': (request, response) => {
      ranges.push(request.headers.range);
      const isFirst = ranges.length === 1;
      const from = obeys ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
      const headers = {
        'content-length': bytes.length - from,
        ...(validator !== null && { etag: validator }),
        ...(from > 0 && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
      };
      response.writeHead(from > 0 ? 206 : 200, headers);
      if (!isFirst) response.end(bytes.subarray(from));
      else response.write(bytes.subarray(0, 100_000), () => response.destroy());
    },
  });

  test('is taken up where it broke', async (t) => {
    const ranges: (string | undefined)[] = [];
    const site = await serve(t, breaking(ranges));
    await fetched(`${site.url}/simple`);
    assert.equal(ranges.length, 2);
    const from = Number(/^bytes=(\d+)-$/.exec(ranges[1] ?? '')?.[1]);
    assert.ok(from > 0 && from <= 100_000, String(ranges[1]));
  });

  test('starts over where the server knows no ranges, or cannot say that the file is the same', async (t) => {
    for (const options of [{ obeys: false }, { validator: null }]) {
      const ranges: (string | undefined)[] = [];
      const site = await serve(t, breaking(ranges, options));
      await fetched(`${site.url}/simple`);
      assert.equal(ranges.length, 2);
    }
  });

  test('again and again without a byte is given up, with the reason', async (t) => {
    let tries = 0;
    const site = await serve(t, {
      ...good,
      '/files/wheel': (_request, response) => {
        tries++;
        response.destroy();
      },
    });
    await assert.rejects(fetched(`${site.url}/simple`), /could not be fetched.*files\/wheel: other side closed/s);
    assert.equal(tries, 5);
  });
});

describe('what cannot be had is one plain line', () => {
  test('other bytes than the pinned ones', async (t) => {
    const site = await serve(t, {
      ...good,
      '/files/wheel': (_request, response) => void response.end('something else'),
    });
    await assert.rejects(fetched(`${site.url}/simple`), /its SHA-256 is [0-9a-f]{64}, not [0-9a-f]{64}/);
  });

  test('a server that has it not, and a server that is not there', async (t) => {
    const site = await serve(t, { '/simple/some-thing/': index({ ...listed, filename: 'another.whl' }) });
    const gone = await serve(t, {});
    gone.server.close();
    await assert.rejects(fetched(`${site.url}/simple`, `${gone.url}/simple`), ({ message }: Error) => {
      assert.match(
        message,
        /does not have it; http:\/\/127\.0\.0\.1:\d+\/simple cannot be reached: connect ECONNREFUSED/,
      );
      assert.match(message, /PIP_INDEX_URL to an index that has it\.$/);
      assert.equal(message.includes('\n'), false);
      return true;
    });
  });

  test('a client that is told to stop stops, and says so', async (t) => {
    const stop = new AbortController();
    const site = await serve(t, {
      ...good,
      '/files/wheel': (_request, response) => {
        response.writeHead(200, { 'content-length': bytes.length });
        response.write(bytes.subarray(0, 1000), () => stop.abort(new Error('stopped')));
      },
    });
    const settings = { indexes: [`${site.url}/simple`], cert: null };
    await assert.rejects(
      fetchWheel(wheel, join(folder, 'stopped'), () => undefined, stop.signal, settings),
      /stopped/,
    );
  });
});

test('HTTP_PROXY is gone through, but not for the hosts of NO_PROXY', async (t) => {
  const site = await serve(t, good);
  const proxy = await serve(t, {});
  let tunnels = 0;
  proxy.server.on('connect', ({ url = '' }, client) => {
    tunnels++;
    const [host, port] = url.split(':');
    const upstream = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  const before = { ...process.env };
  t.after(() => {
    process.env = before;
  });
  process.env = { ...before, HTTP_PROXY: proxy.url, http_proxy: proxy.url, NO_PROXY: '', no_proxy: '' };
  await fetched(`${site.url}/simple`);
  assert.ok(tunnels > 0);
  const used = tunnels;
  process.env.NO_PROXY = process.env.no_proxy = '127.0.0.1';
  await fetched(`${site.url}/simple`);
  assert.equal(tunnels, used);
});

describe("pip's settings", () => {
  const home = join(folder, 'home');
  const write = (path: string, text: string): string => {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  const user = { HOME: home, XDG_CONFIG_DIRS: join(folder, 'xdg'), XDG_CONFIG_HOME: '', PIP_CONFIG_FILE: '' };

  test('without any, PyPI', () => {
    const { indexes, cert } = pipSettings({ PIP_CONFIG_FILE: '/dev/null' });
    assert.equal(indexes.length, 1);
    assert.equal(new URL(indexes[0]).pathname, '/simple');
    assert.equal(cert, null);
  });

  test('later files over earlier ones, [download] over [global], the environment over all', () => {
    write(
      join(folder, 'xdg', 'pip', 'pip.conf'),
      '[global]\nindex-url = http://system/\nextra-index-url = http://never/\n',
    );
    write(
      join(home, '.config', 'pip', 'pip.conf'),
      '[global]\nindex-url: http://user/simple\nextra_index_url =\n    http://one/\n    http://two/\n',
    );
    const venv = join(folder, 'venv');
    const own = join(folder, 'own.conf');
    // This machine may have settings of its own, in /etc/pip.conf: of certificates, say.
    assert.deepEqual(pipSettings(user).indexes, ['http://user/simple', 'http://one/', 'http://two/']);
    write(join(venv, 'pip.conf'), '[download]\nindex-url = http://venv/\n[install]\nindex-url = http://never/\n');
    assert.equal(pipSettings({ ...user, VIRTUAL_ENV: venv }).indexes[0], 'http://venv/');
    write(own, '[global]\nindex-url = http://own/\ncert = /own.pem\n');
    const all = { ...user, VIRTUAL_ENV: venv, PIP_CONFIG_FILE: own };
    // As in pip's code, a file of PIP_CONFIG_FILE takes the place of the user's.
    assert.deepEqual(pipSettings(all), { indexes: ['http://venv/', 'http://never/'], cert: '/own.pem' });
    const missing = pipSettings({ ...all, PIP_CONFIG_FILE: join(folder, 'none.conf') });
    assert.deepEqual(missing.indexes, ['http://venv/', 'http://one/', 'http://two/']);
    const named = { PIP_INDEX_URL: 'http://named/', PIP_EXTRA_INDEX_URL: 'http://more/', PIP_CERT: '/named.pem' };
    assert.deepEqual(pipSettings({ ...all, ...named }), {
      indexes: ['http://named/', 'http://more/'],
      cert: '/named.pem',
    });
  });

  // What Python's RawConfigParser makes of these, but for names, which pip spells with dashes.
  const dialect: [what: string, text: string, read: ReturnType<typeof readPythonIni>][] = [
    ['a colon for the equals sign', '[a]\nx: http://h/?q=1', { a: { x: 'http://h/?q=1' } }],
    ['comments on lines of their own alone', '# c\n[a]\n; c\nx = 1 # 2; 3', { a: { x: '1 # 2; 3' } }],
    ['names in any case, with underscores', '[a]\nIndex_URL=x', { a: { 'index-url': 'x' } }],
    ['options that are indented alike', '[a]\n  x = 1\n  y = 2', { a: { x: '1', y: '2' } }],
    ['deeper lines go on with a value', '[a]\nx =\n  1\n  # c\n  y = 3\nz = 4', { a: { x: '1\ny = 3', z: '4' } }],
    ['empty sections and options', '[a]\n[b]\nx=', { a: {}, b: { x: '' } }],
    ['line ends of Windows', '[a]\r\nx = 1\r\n', { a: { x: '1' } }],
  ];
  for (const [what, text, read] of dialect) {
    test(`Python's INI files: ${what}`, () => assert.deepEqual(readPythonIni(text), read));
  }

  test('a file of certificates that is not there is named', async () => {
    const settings = { indexes: ['http://127.0.0.1:2/'], cert: join(folder, 'no.pem') };
    const target = join(folder, 'no-cert');
    await assert.rejects(
      fetchWheel(wheel, target, () => undefined, undefined, settings),
      /no\.pem/,
    );
    assert.equal(existsSync(join(target, file)), false);
  });
});
