import assert from 'node:assert/strict';
import { pino } from 'pino';
import { test } from 'node:test';
import { Attempt, taken, type Interruption } from '../../src/jobs/log/attempt.js';
import { parseFrame, type BatchesFrame, type Frame, type StoredFrame } from '../../src/jobs/frames.js';
import { AttemptTrace } from '../../src/jobs/attempt-trace.js';
import { keys } from '../../src/jobs/redis/keys.js';
import { gate, iterations, reaches, readFrames, spec, until, wholeLog, world, type World } from './harness.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

test('twenty readers, before, in the middle and after: each gets each frame once, in order, to the last', async (t) => {
  const w = await world(t);
  const g = gate(w);
  const { record } = await w.jobs.create({ type: 'fit', spec: spec(g.tags) });
  const before = upTo(10).map((from) => wholeLog(w.jobs, record.id, from));
  await w.worker();
  await until('it trains', async () => ((await w.jobs.readLog(record.id, 20)).length > 0 ? true : null));
  const inTheMiddle = upTo(10).map((i) => wholeLog(w.jobs, record.id, 5 * i));
  await g.open();
  const logs = await Promise.all([...before, ...inTheMiddle]);
  const whole = await wholeLog(w.jobs, record.id);
  assert.deepEqual(
    whole.map(({ seq }) => seq),
    upTo(whole.length),
  );
  assert.equal(whole.filter((frame) => frame.type === 'status' && frame.status === 'completed').length, 1);
  assert.deepEqual(whole.at(-1), { type: 'status', seq: whole.length - 1, status: 'completed', attempt: 1 });
  logs.slice(0, 10).forEach((log, i) => assert.deepEqual(log, whole.slice(i)));
  logs.slice(10).forEach((log, i) => assert.deepEqual(log, whole.slice(5 * i)));
  assert.deepEqual(await wholeLog(w.jobs, record.id, whole.length - 1), whole.slice(-1));
  assert.deepEqual(await wholeLog(w.jobs, record.id, whole.length), []);
});

test('a reader that starts beyond the end of a live log gets what comes there, and ends with it', async (t) => {
  const w = await world(t);
  const { record } = await w.jobs.create({ type: 'fit', spec: spec({ batches: '100', per_frame: '1' }) });
  const [near, far] = [wholeLog(w.jobs, record.id, 50), wholeLog(w.jobs, record.id, 5000)];
  await w.worker();
  assert.equal((await near)[0]?.seq, 50);
  assert.deepEqual(await far, []);
});

test('a reader that is aborted ends, while others go on', async (t) => {
  const w = await world(t);
  const { record } = await w.jobs.create({ type: 'fit', spec: spec() });
  const controller = new AbortController();
  const seen: Frame[] = [];
  const aborted = (async () => {
    for await (const frame of w.jobs.follow(record.id, 0, controller.signal)) seen.push(parseFrame(frame));
  })();
  const other = wholeLog(w.jobs, record.id);
  await until('it has read', () => (seen.length === 1 ? true : null));
  controller.abort();
  await aborted;
  await w.worker();
  await other;
  assert.equal(seen.length, 1);
});

test('a reader that is slow misses nothing and holds nobody up', async (t) => {
  const w = await world(t);
  await w.worker();
  const { record } = await w.jobs.create({ type: 'fit', spec: spec({ batches: '5000', per_frame: '1' }) });
  const slow = w.jobs.follow(record.id, 0, AbortSignal.timeout(30_000))[Symbol.asyncIterator]();
  const first = parseFrame((await slow.next()).value as StoredFrame);
  const whole = await wholeLog(w.jobs, record.id);
  const rest: Frame[] = [first];
  for (let next = await slow.next(); !next.done; next = await slow.next()) rest.push(parseFrame(next.value));
  assert.deepEqual(rest, whole);
});

/** Takes a job as a worker does. */
async function take(w: World, id: string): Promise<{ attempt: Attempt; heard: Interruption[] }> {
  const lease = `lease-${Math.random()}`;
  const next = taken(
    await w.redis.takeJob(
      2,
      keys.record(id),
      keys.log(id),
      lease,
      'w',
      new Date().toISOString(),
      '{"code":"trainer_crashed","message":"m"}',
      'cpu',
    ),
    lease,
  );
  assert.ok(next.type === 'run');
  const heard: Interruption[] = [];
  const record = (await w.jobs.get(id))!;
  const trace = new AttemptTrace(record, next.attempt, 'cpu', {}, null);
  return {
    attempt: new Attempt(
      w.redis,
      w.folder,
      {
        record,
        inputs: id,
        tenant: 'default',
        number: next.attempt,
        lease,
        ranMs: next.ranMs,
        share: { threads: 1 },
        checkpoints: [],
        trace,
      },
      (why) => heard.push(why),
      pino({ level: 'silent' }),
    ),
    heard,
  };
}

const batches = (...iteration: number[]): BatchesFrame => ({
  type: 'batches',
  phase: 0,
  epoch: iteration.map(() => 0),
  iteration,
  raw_loss: iteration,
  loss: iteration.map(() => NaN),
  hypers: { lr: [iteration] },
});

test('an attempt that was thought dead can write nothing', async (t) => {
  const w = await world(t);
  const { record } = await w.jobs.create({ type: 'fit', spec: spec() });
  const zombie = await take(w, record.id);
  zombie.attempt.append(batches(0, 1));
  await zombie.attempt.flush();
  const next = await take(w, record.id);
  assert.equal(next.attempt.number, 2);
  const before = { log: await readFrames(w.jobs, record.id), record: await w.jobs.get(record.id) };
  zombie.attempt.append(batches(2, 3));
  await zombie.attempt.flush();
  assert.deepEqual(zombie.heard, ['lost']);
  const result = { train_loss: 1, valid_loss: 1, metrics: {} };
  for (const outcome of [
    { type: 'completed', result, throughput: null },
    { type: 'cancelled' },
    { type: 'failed', error: { code: 'internal', message: 'm' } },
  ] as const)
    assert.equal(await zombie.attempt.end(outcome), false);
  assert.equal((await zombie.attempt.retry('w', { code: 'internal', message: 'm' })).type, 'lost');
  await zombie.attempt.handBack();
  assert.deepEqual({ log: await readFrames(w.jobs, record.id), record: await w.jobs.get(record.id) }, before);
  next.attempt.append(batches(0));
  assert.equal(await next.attempt.end({ type: 'completed', result, throughput: null }), true);
  // After the end there is nothing more, by the attempt that ended it either.
  const ended = await wholeLog(w.jobs, record.id);
  next.attempt.append(batches(1));
  await next.attempt.flush();
  assert.equal(await next.attempt.end({ type: 'cancelled' }), false);
  assert.deepEqual(await readFrames(w.jobs, record.id), ended);
  assert.deepEqual(iterations(ended, 2), [0]);
  assert.deepEqual((ended.find((frame) => frame.type === 'batches') as { loss: unknown }).loss, [null, null]);
});

test('a command that is sent again, its answer lost, counts once', async (t) => {
  const w = await world(t);
  const { record } = await w.jobs.create({ type: 'fit', spec: spec() });
  const { attempt } = await take(w, record.id);
  attempt.append(batches(0));
  await attempt.flush();
  const [record_, log] = [keys.record(record.id), keys.log(record.id)];
  const lease = (await w.redis.hget(record_, '_lease'))!;
  const before = await readFrames(w.jobs, record.id);
  assert.deepEqual(await w.redis.appendFrames(2, record_, log, '1', lease, 1, '{}', JSON.stringify(batches(0))), [
    'ok',
    '[]',
    '',
  ]);
  // One whose predecessor the server has lost is not stored: the log has no holes.
  assert.deepEqual(await w.redis.appendFrames(2, record_, log, '1', lease, 9, '{}', JSON.stringify(batches(9))), [
    'lost',
    '[]',
    '',
  ]);
  assert.deepEqual(taken(await w.redis.takeJob(2, record_, log, lease, 'w', 'now', '{}', 'cpu'), lease).type, 'run');
  assert.deepEqual(await readFrames(w.jobs, record.id), before);
  assert.equal(await attempt.end({ type: 'cancelled' }), true);
  const ended = await readFrames(w.jobs, record.id);
  assert.equal(await attempt.end({ type: 'cancelled' }), true);
  assert.deepEqual(await readFrames(w.jobs, record.id), ended);
  await reaches(w.jobs, record.id, 'cancelled');
});

test('a frame is stored with its type at the front, in whatever order it came', async (t) => {
  const w = await world(t);
  const { record } = await w.jobs.create({ type: 'fit', spec: spec() });
  const { attempt } = await take(w, record.id);
  const { type, ...rest } = batches(0);
  attempt.append({ ...rest, type });
  await attempt.flush();
  const [stored] = await w.jobs.readLog(record.id, 2);
  assert.ok(stored.json.startsWith('{"type":"batches","seq":2,'), stored.json);
  assert.equal(stored.type, 'batches');
});
