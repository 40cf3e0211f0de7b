import assert from 'node:assert/strict';
import { test } from 'node:test';
import pino, { type Logger } from 'pino';
import type { RunAttempt } from '../../src/jobs/job-runner.js';
import { JobWorker, type WorkerOptions } from '../../src/jobs/job-worker.js';
import type { PredictionTask } from '../../src/jobs/prediction.js';
import { PredictionWorker } from '../../src/jobs/prediction-worker.js';
import { Predictions } from '../../src/jobs/predictions.js';
import { isOfPool, poolOf, poolText } from '../../src/jobs/pools.js';
import { labelsOf, type Labels } from '../../src/schema/labels.js';
import type { WorkerUsage } from '../../src/jobs/record.js';
import { end, gate, reaches, spec, until, world, type World } from './harness.js';

const post = async (w: World, requires?: Labels, tags = {}, priority = 0): Promise<string> =>
  (await w.jobs.create({ type: 'fit', spec: spec(tags, { priority, ...(requires && { requires }) }) })).record.id;

const reason = async (w: World, id: string): Promise<string | undefined> => (await w.jobs.get(id))?.queue?.reason;
const labelled = (w: World, labels: string) => w.worker({ env: { ONECYCLE_LABELS: labels } });

test('jobs that ask for labels', async (t) => {
  const w = await world(t);
  const first = await labelled(w, 'gpu=t4,zone=a');
  const asks = await post(w, { gpu: 'h100', zone: 'a' });

  await t.test('one waits until a worker has them all, and says so; others pass it by', async () => {
    assert.equal(await reason(w, asks), 'no live worker has gpu=h100, zone=a');
    await reaches(w.jobs, await post(w), 'completed');
    await reaches(w.jobs, await post(w, { zone: 'a' }), 'completed');
    assert.equal((await w.jobs.get(asks))?.status, 'queued');
  });

  await t.test('the queue tells an autoscaler what waits for whom', async () => {
    const demand = async (device: 'cpu' | 'gpu', labels: Labels) => (await w.jobs.demand({ device, labels })).jobs;
    await until('the worker tells that it is free', async () =>
      (await demand('cpu', { zone: 'a' })) === 0 ? true : null,
    );
    assert.equal(await demand('cpu', { gpu: 'h100', zone: 'a' }), 1);
    assert.equal(await demand('gpu', { gpu: 'h100', zone: 'a' }), 1, 'for auto, and nobody can run it');
    const { lines } = await w.jobs.queue({ limit: 1, after: 0 });
    assert.ok(lines.some(({ oldest_seconds }) => oldest_seconds !== null && oldest_seconds >= 0));
    assert.deepEqual(
      lines.map(({ device, requires, queued, workers }) => ({ device, requires, queued, workers })),
      [
        { device: 'cpu', requires: {}, queued: 0, workers: 1 },
        { device: 'cpu', requires: { gpu: 'h100', zone: 'a' }, queued: 1, workers: 0 },
        { device: 'gpu', requires: {}, queued: 0, workers: 0 },
      ],
    );
  });

  await t.test('a worker runs one at a time of all its lines, the highest priority first', async () => {
    const g = gate(w);
    await reaches(w.jobs, await post(w, undefined, g.tags), 'running');
    const expected: string[] = [];
    for (const [priority, requires] of [[9], [8, { zone: 'a' }], [7], [6, { zone: 'a' }]] as [number, Labels?][])
      expected.push(await post(w, requires, {}, priority));
    const { data } = await w.jobs.queue({ limit: 9, after: 0 });
    assert.deepEqual(
      data.map(({ job }) => job),
      [...expected, asks],
    );
    await g.open();
    const ended = await Promise.all(expected.map((id) => reaches(w.jobs, id, 'completed')));
    ended.sort((a, b) => a.started_at!.localeCompare(b.started_at!));
    assert.deepEqual(
      ended.map(({ id }) => id),
      expected,
    );
    for (const [i, { started_at }] of ended.slice(1).entries())
      assert.ok(started_at! >= ended[i].finished_at!, 'two ran at once');
  });

  const second = await labelled(w, 'zone=a,gpu=h100');
  await t.test('a worker that has them all takes it', async () => {
    await reaches(w.jobs, asks, 'completed');
  });

  await t.test('a paused queue holds back lines that are new, too', async () => {
    await w.jobs.pauseQueue();
    const held = await post(w, { gpu: 't4' });
    // Its line was made while the queue was paused: workers bring it in line with the others.
    await until('all lines are paused', async () =>
      (await w.redis.hexists('onecycle:queue:onecycle-cpu-gpu=t4:meta', 'paused')) === 1 ? true : null,
    );
    await w.jobs.resumeQueue();
    await reaches(w.jobs, held, 'completed');
  });

  await t.test('one whose worker was killed goes on at another that has them', async () => {
    const g = gate(w, 'killed');
    const id = await post(w, { gpu: 'h100' }, g.tags);
    await reaches(w.jobs, id, 'running');
    await end(second, 'SIGKILL');
    const third = await labelled(w, 'gpu=h100');
    const ids = async () => (await w.jobs.workers()).flatMap(({ job, pid }) => (job === id ? [pid] : []));
    await until('the other worker has it', async () => ((await ids()).includes(third.pid!) ? true : null));
    await g.open();
    assert.equal((await reaches(w.jobs, id, 'completed')).attempt, 2);
  });

  await t.test('a worker that is drained takes from none of its lines', async () => {
    const worker = (await w.jobs.workers()).find(({ pid }) => pid === first.pid)!;
    await w.jobs.drain(worker.id);
    const id = await post(w, { gpu: 't4' });
    assert.equal(await reason(w, id), 'every worker that could run it is draining');
    await w.jobs.cancel(id);
  });

  await t.test('a worker takes no job of a newer protocol, which says that workers are to be upgraded', async () => {
    const { record } = await w.jobs.create({ type: 'fit', spec: spec(), protocol: 2 });
    await reaches(w.jobs, await post(w), 'completed');
    assert.match((await reason(w, record.id)) ?? '', /knows job protocol 2: .* upgrade the workers/);
    const newer = workerOfProtocol(w, 2);
    await newer.start();
    try {
      assert.equal((await reaches(w.jobs, record.id, 'failed')).error?.message, 'it took it');
      const told = (await w.jobs.workers()).map(({ version, protocol }) => `${version ?? ''} ${protocol}`);
      assert.ok(told.includes('9.9.9 2'), told.join());
    } finally {
      await newer.stop();
    }
  });
});

test('a prediction of a newer protocol is for newer workers, which answer those of older ones too', async (t) => {
  const w = await world(t);
  const worker = new PredictionWorker(
    w.address,
    w.storage,
    () => Promise.resolve({ type: 'answer', json: '[1]' }),
    pino({ level: 'silent' }),
    2,
  );
  const asking = [1, 2, 3].map((protocol) => new Predictions(w.address, w.redis, w.storage, protocol));
  const newer = workerOfProtocol(w, 2);
  await newer.start();
  const running = worker.run();
  const task: PredictionTask = {
    type: 'predict',
    job: 'job_x',
    checkpoint: 'x',
    kind: 'json',
    input: { base64: '' },
  };
  try {
    const [first, second, third] = asking;
    assert.deepEqual(await Promise.all([first.ask(task), second.ask(task)]), ['[1]', '[1]']);
    await assert.rejects(third.ask(task), /No live worker knows job protocol 3.*upgrade the workers/);
  } finally {
    await Promise.all([newer.stop(), worker.stop(), ...asking.map((each) => each.close())]);
  }
  await running;
});

test('of two idle workers the one with the greater weight goes first', async (t) => {
  const w = await world(t);
  const said: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void said.push(line) });
  let begun: string[] = [];
  let end: () => void = () => undefined;
  /** Its attempt lasts until `end`, and its error is its name. */
  const worker = (name: string, options: Partial<WorkerOptions>): JobWorker =>
    inThisProcess(w, options, log, async () => {
      begun.push(name);
      await new Promise<void>((resolve) => (end = resolve));
      return { type: 'failed', error: { code: 'internal', message: name } };
    });
  const standsBack = (from: number) =>
    until('the lighter one stands back', () =>
      said.slice(from).some((line) => line.includes('of more weight go first')) ? true : null,
    );
  const runsOn = async (name: string, requires?: Labels): Promise<() => Promise<void>> => {
    begun = [];
    const id = await post(w, requires);
    await until('it has begun', () => (begun.length > 0 ? true : null));
    assert.deepEqual(begun, [name]);
    const endIt = end;
    return async () => {
      endIt();
      assert.equal((await reaches(w.jobs, id, 'failed')).error?.message, name);
    };
  };
  const light = worker('light', { weight: 0.5, labels: { zone: 'b' } });
  const heavy = worker('heavy', {});
  try {
    await light.start();
    const endAlone = await runsOn('light');
    await endAlone();
    await heavy.start();
    await standsBack(0);
    for (let i = 0; i < 3; i++) {
      const endBound = await runsOn('light', { zone: 'b' });
      await endBound();
      const endHeavy = await runsOn('heavy');
      const endLight = await runsOn('light');
      await endLight();
      const from = said.length;
      await endHeavy();
      await standsBack(from);
    }
  } finally {
    await Promise.all([light.stop(), heavy.stop()]);
  }
});

/** A worker in this process that fails whatever it takes. */
const workerOfProtocol = (w: World, protocol: number): JobWorker =>
  inThisProcess(w, { protocol, version: '9.9.9' }, pino({ level: 'silent' }), () =>
    Promise.resolve({ type: 'failed', error: { code: 'internal', message: 'it took it' } }),
  );

function inThisProcess(w: World, options: Partial<WorkerOptions>, log: Logger, runAttempt: RunAttempt): JobWorker {
  const usage: WorkerUsage = { cpu: 0, memory_bytes: 0, cpus: 1, memory_total_bytes: 0, trainer: null, gpu: null };
  const capacity = { threads: 1, slots: 1, gpu_memory_bytes: null };
  const worker = { device: 'cpu', keepDays: null, usage: () => usage, capacity, ...options };
  return new JobWorker(w.address, w.storage, worker, runAttempt, log);
}

test('a pool as a text, and who is of it', () => {
  for (const [text, labels, is] of [
    ['', {}, true],
    ['gpu=h100', { gpu: 'h100', zone: 'a' }, true],
    ['gpu=h100,zone=b', { gpu: 'h100', zone: 'a' }, false],
    ['>=2', {}, false],
    ['>=1,a=b', { a: 'b' }, true],
  ] as [string, Labels, boolean][])
    assert.equal(isOfPool({ labels, protocol: 1 }, text), is, text);
  assert.equal(poolText({ requires: { zone: 'a', gpu: 'h100' }, protocol: 3 }), '>=3,gpu=h100,zone=a');
  assert.deepEqual(poolOf('>=3,gpu=h100'), { requires: { gpu: 'h100' }, protocol: 3 });
  assert.deepEqual(labelsOf('a=b,c=d'), { a: 'b', c: 'd' });
});
