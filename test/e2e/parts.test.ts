/** The service's parts alone, its ways to start, and what it says when it can't. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { findServer } from '../../src/valkey/find.js';
import { freePort } from '../free-port.js';
import { root, Server, temporaryFolder } from './harness.js';
import { short } from './jobs.js';
import { descendants } from './processes.js';

/** Runs `onecycle` to its end. */
async function onecycle(args: string[], env: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, ['bin/onecycle.js', ...args], { cwd: root, env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = (await once(child, 'exit')) as [number];
  return { code, output };
}

test('API and worker apart, over a Redis of one’s own: a job posted to one is run by the other', async () => {
  const dataDir = temporaryFolder();
  const port = await freePort();
  const redis = spawn(
    await findServer(dataDir, () => undefined),
    ['--port', String(port), '--save', '', '--dir', dataDir],
    { stdio: 'ignore' },
  );
  const env = { REDIS_URL: `redis://127.0.0.1:${port}`, ONECYCLE_DATA_DIR: dataDir };
  const worker = spawn(process.execPath, ['bin/onecycle.js', 'worker'], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
  const api = await Server.start({ dataDir, env, command: [process.execPath, 'bin/onecycle.js', 'api'] });
  try {
    assert.deepEqual(descendants(api.pid), [], 'the API alone has no other process');
    assert.equal((await api.run(short)).status, 'completed');
    await api.until('the start says what that Redis can lose', () =>
      /can lose every job at a restart/.test(api.output),
    );
  } finally {
    await api.stop();
    worker.kill('SIGTERM');
    const [code] = (await once(worker, 'exit')) as [number];
    assert.equal(code, 0);
    redis.kill('SIGTERM');
    await once(redis, 'exit');
    rmSync(dataDir, { recursive: true });
  }
});

test('without workers a job is taken and waits', async () => {
  const server = await Server.start({ env: { ONECYCLE_WORKERS: '0' } });
  try {
    assert.equal((await server.submit(short)).status, 'queued');
    assert.ok(!descendants(server.pid).some(({ command }) => command.includes('worker/main.js')));
  } finally {
    await server.stop();
  }
});

test('two workers on one device run two jobs at once', async () => {
  const server = await Server.start({ env: { ONECYCLE_WORKERS: '2' } });
  try {
    const endless = { ...short, policy: { name: 'fit', n_epoch: 1_000_000, lr: 0.001 } };
    const ids = [(await server.submit(endless)).id, (await server.submit(endless)).id];
    await server.until('both run', async () => {
      const records = await Promise.all(ids.map((id) => server.job(id)));
      return records.every(({ status }) => status === 'running');
    });
  } finally {
    await server.stop();
  }
});

test('who says at start which engine on which device runs', async () => {
  const server = await Server.start();
  try {
    await server.until('the start has said so', () =>
      /Engine: (TensorFlow|WebAssembly) \S+ on cpu:0/.test(server.output),
    );
  } finally {
    await server.stop();
  }
});

test('a start that can’t be is one plain message and exit code 1', async (t) => {
  const dataDir = temporaryFolder();
  t.after(() => rmSync(dataDir, { recursive: true }));
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  const port = String((taken.address() as AddressInfo).port);
  const common = { ONECYCLE_DATA_DIR: dataDir, REDIS_URL: '', ONECYCLE_LOG_LEVEL: 'silent' };
  for (const [args, env, message] of [
    [['up'], { PORT: port, ONECYCLE_WORKERS: '0' }, new RegExp(`127\\.0\\.0\\.1:${port} is in use`)],
    [['up'], { PORT: 'http' }, /PORT=http is not valid/],
    [['up'], { ONECYCLE_DEVICES: 'cuda:7', ONECYCLE_ENGINE: 'wasm' }, /cuda:7.*engine install --cuda/],
    [['api'], {}, /REDIS_URL/],
    [['worker'], {}, /REDIS_URL/],
    [['api'], { REDIS_URL: `redis://127.0.0.1:${await freePort()}` }, /Redis does not answer/],
  ] as const) {
    const { code, output } = await onecycle([...args], { ...common, ...env });
    assert.equal(code, 1, output);
    assert.match(output, message);
    assert.equal(output.trim().split('\n').length, 1, output);
  }
});
