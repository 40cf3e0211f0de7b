/** Every iteration arrives once and in order, whenever a client connects. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server, type Frame, type Stream } from './harness.js';
import { endless, long } from './jobs.js';

let server: Server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

const iterations = (frames: Frame[]): number[] =>
  frames.filter(({ type }) => type === 'batches').flatMap(({ iteration }) => iteration);
const countTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The whole log: no gap in `seq`, every iteration once, the terminal status last, a normal close. */
async function assertWhole(stream: Stream, n_iteration: number): Promise<void> {
  assert.equal(await stream.closed, 1000);
  assert.deepEqual(
    stream.frames.map(({ seq }) => seq),
    countTo(stream.frames.length),
  );
  assert.deepEqual(iterations(stream.frames), countTo(n_iteration));
  assert.deepEqual(
    stream.frames.filter(({ type }) => type === 'status').map(({ status }) => status),
    ['queued', 'running', 'completed'],
  );
  assert.equal(stream.frames.at(-1)?.status, 'completed');
}

test('a client that connects before, during or after a job sees every iteration once and in order', async () => {
  const blocker = await server.submit(endless);
  await server.until(
    'the first job keeps the worker busy',
    async () => (await server.job(blocker.id)).status === 'running',
  );

  const { id } = await server.submit(long);
  const before = await server.stream(id);
  await server.until('the client has the first frame', () => before.frames.length > 0);
  assert.deepEqual(
    before.frames.map(({ status }) => status),
    ['queued'],
  );
  assert.equal((await server.post(`/jobs/${blocker.id}/cancel`)).status, 200);

  await server.until('some batches have arrived', () => iterations(before.frames).length > 0);
  const middle = await server.stream(id);
  const connectedAt = before.frames.at(-1)?.type;
  const { progress } = await server.completed(id);
  const afterEnd = await server.stream(id);

  assert.notEqual(connectedAt, 'status', 'the second client should connect while the job runs');
  for (const stream of [before, middle, afterEnd]) await assertWhole(stream, progress.n_iteration);
  assert.deepEqual(middle.frames, before.frames);
  assert.deepEqual(afterEnd.frames, before.frames);
});

test('from any seq a client gets exactly what follows', async () => {
  const { id } = await server.run({ ...long, policy: { ...long.policy, n_epoch: 3 } });
  const whole = await server.stream(id);
  await whole.closed;
  for (const from of [1, 2, whole.frames.length - 1]) {
    const rest = await server.stream(id, from);
    assert.equal(await rest.closed, 1000);
    assert.deepEqual(rest.frames, whole.frames.slice(from));
  }
});

test('the server-sent events are the same frames', async () => {
  const { id } = await server.run({ ...long, policy: { ...long.policy, n_epoch: 3 } });
  const whole = await server.stream(id);
  await whole.closed;
  const text = String((await server.get(`/jobs/${id}/events`)).body);
  const events = text
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => JSON.parse(line.slice(5)) as Frame);
  assert.deepEqual(events, whole.frames);
});
