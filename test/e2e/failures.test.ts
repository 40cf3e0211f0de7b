/**
 * What happens when processes die: nothing is left behind, nothing that was promised is lost. docs/failures.md says the
 * same.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Server, temporaryFolder } from './harness.js';
import { endless, long, short } from './jobs.js';
import { alive, descendants, until } from './processes.js';

const dataDirs: string[] = [];
const newDataDir = (): string => {
  const folder = temporaryFolder();
  dataDirs.push(folder);
  return folder;
};
after(() => {
  for (const folder of dataDirs) rmSync(folder, { recursive: true, force: true });
});

const pidsOf = (server: Server, part: string): number[] =>
  descendants(server.pid)
    .filter(({ command }) => command.includes(part))
    .map(({ pid }) => pid);
const everyPid = (server: Server): number[] => [server.pid, ...descendants(server.pid).map(({ pid }) => pid)];

/** Posts a job and waits until its batches stream. */
async function training(server: Server, spec: unknown): Promise<string> {
  const { id } = await server.submit(spec);
  const { frames } = await server.stream(id);
  await server.until('the job trains', () => frames.some(({ type }) => type === 'batches'));
  return id;
}

describe('one service, which outlives all of it', () => {
  let server: Server;
  before(async () => {
    server = await Server.start();
  });
  after(() => server.stop());

  test('a second service on the same data folder ends with a plain message and leaves the first alone', async () => {
    await assert.rejects(Server.start({ dataDir: server.dataDir }), /server ended/);
    assert.equal((await server.run(short)).status, 'completed');
  });

  test('a queued job is cancelled at once, a running one by its worker', async () => {
    const id = await training(server, endless);
    const queued = await server.submit(short);
    assert.equal((await server.post(`/jobs/${queued.id}/cancel`)).status, 200);
    assert.equal((await server.job(queued.id)).status, 'cancelled');
    await server.post(`/jobs/${id}/cancel`);
    await server.until('the running job has ended', async () => (await server.job(id)).status === 'cancelled');
  });

  test('kill -9 of the trainer: the job completes as attempt 2', async () => {
    const id = await training(server, { ...long, max_attempts: 2 });
    // The warm one, which would be given the job before its end was noticed, is younger.
    process.kill(Math.min(...pidsOf(server, 'trainer/main.js')), 'SIGKILL');
    assert.equal((await server.completed(id)).attempt, 2);
  });

  test('kill -9 of the worker: no trainer is left, the worker starts again, the job completes as attempt 2', async () => {
    const id = await training(server, long);
    const trainers = pidsOf(server, 'trainer/main.js');
    const workers = pidsOf(server, 'worker/main.js');
    assert.equal(workers.length, 1);
    assert.ok(trainers.length > 0, 'a trainer runs');

    process.kill(workers[0], 'SIGKILL');
    await until('the trainers have ended with their worker', () => alive(trainers).length === 0, 20_000);

    const record = await server.completed(id);
    assert.equal(record.attempt, 2);
    const { iteration } = await server.metrics(id);
    assert.deepEqual(
      iteration,
      Array.from({ length: record.progress.n_iteration }, (_, i) => i),
    );
  });
});

for (const [what, signal] of [
  ['SIGTERM', (server: Server) => process.kill(server.pid, 'SIGTERM')],
  ['SIGINT, twice', (server: Server) => [1, 2].forEach(() => process.kill(server.pid, 'SIGINT'))],
  ['SIGTERM to the process group', (server: Server) => process.kill(-server.pid, 'SIGTERM')],
] as const) {
  test(`${what} ends every process within 10 s, embedded Valkey too; the job goes on at the next start`, async () => {
    const dataDir = newDataDir();
    const server = await Server.start({ dataDir, detached: true });
    const id = await training(server, long);
    const pids = everyPid(server);
    assert.ok(pids.length >= 4, 'the service, its worker, a trainer and Valkey run');
    signal(server);
    await until('every process has ended', () => alive(pids).length === 0, 10_000);
    assert.equal(await server.stop(), 0);

    const next = await Server.start({ dataDir });
    try {
      assert.equal((await next.completed(id)).status, 'completed');
    } finally {
      await next.stop();
    }
  });
}

test('SIGTERM while Valkey answers nothing ends every process within 10 s', async () => {
  const server = await Server.start();
  const pids = everyPid(server);
  const valkey = pidsOf(server, 'valkey-server');
  assert.equal(valkey.length, 1);
  process.kill(valkey[0], 'SIGSTOP');
  process.kill(server.pid, 'SIGTERM');
  await until('every process has ended', () => alive(pids).length === 0, 10_000);
  await server.stop();
});

/** What a client sends that then neither says nor reads anything. */
const silentClients: [what: string, text: (id: string) => string][] = [
  ['has not said a word', () => ''],
  ['has sent half a request', () => 'GET /jobs HTTP/1.1\r\n'],
  ['has sent half a body', () => 'POST /jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{'],
  ['streams events', (id) => `GET /jobs/${id}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`],
  [
    'has a WebSocket',
    (id) =>
      `GET /jobs/${id}/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  ],
];

for (const [what, text] of silentClients) {
  test(`SIGTERM ends every process within 10 s while a client ${what} and leaves its connection open`, async () => {
    const server = await Server.start({ env: { ONECYCLE_WORKERS: '0' } });
    const { id } = await server.submit(short);
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.pause();
    socket.write(text(id));
    // What came before has been heard when this is answered.
    assert.equal((await server.get('/healthz')).status, 200);
    const pids = everyPid(server);
    process.kill(server.pid, 'SIGTERM');
    await until('every process has ended', () => alive(pids).length === 0, 10_000);
    assert.equal(await server.stop(), 0);
    socket.destroy();
  });
}

test('SIGTERM to npm start ends every process', async () => {
  const server = await Server.start({ command: ['npm', 'start'], detached: true });
  const pids = everyPid(server);
  process.kill(server.pid, 'SIGTERM');
  await until('every process has ended', () => alive(pids).length === 0, 10_000);
  await server.stop();
});

test('kill -9 of the service ends workers and trainers; the next start adopts Valkey, nothing is lost', async () => {
  const dataDir = newDataDir();
  const server = await Server.start({ dataDir });
  const done = await server.run(short);
  const metrics = await server.metrics(done.id);
  const id = await training(server, long);
  const all = descendants(server.pid);
  const ofNode = all.filter(({ command }) => /worker\.js|trainer\.js/.test(command)).map(({ pid }) => pid);
  const valkey = all.filter(({ command }) => /valkey|redis/.test(command)).map(({ pid }) => pid);
  assert.equal(valkey.length, 1);

  process.kill(server.pid, 'SIGKILL');
  await until('workers and trainers have ended', () => alive([server.pid, ...ofNode]).length === 0, 5000);
  assert.deepEqual(alive(valkey), valkey);

  const next = await Server.start({ dataDir });
  try {
    assert.deepEqual(await next.job(done.id), done);
    assert.deepEqual(await next.metrics(done.id), metrics);
    assert.equal((await next.completed(id)).status, 'completed');
  } finally {
    await next.stop();
  }
  assert.deepEqual(alive(valkey), []);
});
