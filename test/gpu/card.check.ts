/** Jobs on a real card, by `npm run gpu`: that they train there, share its memory, and get a process that knows it already. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { descendants } from '../e2e/processes.js';
import { Server, type JobRecord } from '../e2e/harness.js';

const MiB = 2 ** 20;
const GiB = 2 ** 30;
/** What CUDA takes in each process beside TensorFlow's memory: half a gigabyte on an H200. */
const contextBytes = 0.75 * GiB;

/** The card's memory in use, by whatever process. */
const used = (): number =>
  MiB *
  Number(
    execFileSync('nvidia-smi', ['-i', '0', '--query-gpu=memory.used', '--format=csv,noheader,nounits'], {
      encoding: 'utf8',
    }),
  );

const conv = (filters: number) => [
  { type: 'conv2d', filters, kernel: 3, padding: 'same', use_bias: false },
  { type: 'batch_norm' },
  { type: 'relu' },
];
const head = [{ type: 'global_avg_pool' }, { type: 'dense', units: 10 }];
const pictures = {
  policy: { name: 'fit_one_cycle', n_epoch: 3, lr_max: 0.003 },
  dataset: { random: { shape: [32, 32, 3], rows: 8192, classes: 10, seed: 1 } },
  model: { layers: [...conv(32), { type: 'max_pool', size: 2 }, ...conv(64), ...head] },
  batch_size: 128,
  seed: 7,
};
const digits = {
  policy: { name: 'fit_one_cycle', n_epoch: 1, lr_max: 0.003 },
  dataset: { builtin: 'digits' },
  model: { preset: 'mlp', hidden: [64] },
};
const long = (spec: typeof pictures, n_epoch = 40) => ({ ...spec, policy: { ...spec.policy, n_epoch } });

describe('a real card', () => {
  let server: Server;
  const atFirst = used();
  before(async () => {
    server = await Server.start({ env: { ONECYCLE_SLOTS: '', ONECYCLE_DEVICES: 'cuda:0' } });
  });
  after(() => server.stop());

  const trainers = (): number[] =>
    descendants(server.process.pid!)
      .filter(({ command }) => command.includes('trainer/main.js'))
      .map(({ pid }) => pid);
  const train = (...jobs: JobRecord[]) =>
    server.until('they train', async () => {
      const found = await Promise.all(jobs.map(({ id }) => server.job(id)));
      for (const { id, status, error } of found) assert.notEqual(status, 'failed', `${id}: ${JSON.stringify(error)}`);
      return found.every(({ progress }) => progress.iteration > 0);
    });
  const ended = (job: JobRecord) =>
    server.until(`${job.id} ends`, async () => {
      const found = await server.job(job.id);
      return ['completed', 'failed', 'cancelled'].includes(found.status) ? found : null;
    });

  test('it is what training runs on', async () => {
    const { engine, status } = await server.run(digits);
    assert.deepEqual([status, engine?.device, engine?.mode], ['completed', 'gpu:0', 'compiled']);
    const { data } = (await server.ok('/workers')) as { data: { kind: string; gpu_memory_bytes: number }[] };
    assert.equal(data[0].kind, 'gpu');
    assert.ok(data[0].gpu_memory_bytes > GiB, `${data[0].gpu_memory_bytes} bytes`);
  });

  test('a job is served by the process of the one before, and costs what its training costs', async () => {
    await server.run(digits);
    const before = await server.until('the next trainer is there', () => trainers().length > 1 && trainers());
    const took: number[] = [];
    for (let i = 0; i < 10; i++) {
      const began = performance.now();
      await server.run(digits);
      took.push(Math.round(performance.now() - began));
    }
    console.log(`ms from POST to completed, one after another: ${took.join(', ')}`);
    assert.deepEqual(trainers(), before);
  });

  test('jobs with stated memory run at once, and none takes more', async () => {
    const stated = [1, 2, 3].map((n) => n * GiB);
    const jobs: JobRecord[] = [];
    for (const gpu_memory_bytes of stated) jobs.push(await server.submit({ ...long(pictures), gpu_memory_bytes }));
    await train(...jobs);
    const [bytes, processes] = [used(), trainers().length];
    console.log(`${jobs.length} jobs train: ${Math.round(bytes / MiB)} MiB in use, ${processes} trainers`);
    const most = stated.reduce((sum, each) => sum + each, 0) + processes * contextBytes;
    assert.ok(bytes <= most, `${bytes} bytes are in use, of at most ${most}`);
    for (const job of jobs) {
      const { throughput } = await server.completed(job.id);
      console.log(`${throughput?.step_ms.toFixed(2)} ms a step beside two others`);
    }
  });

  test('one that states too little fails alone', async () => {
    const wide = {
      ...pictures,
      model: { layers: [...conv(256), ...conv(256), ...conv(256), ...head] },
      batch_size: 512,
    };
    const neighbour = await server.submit({ ...long(pictures), gpu_memory_bytes: GiB });
    const greedy = await server.submit({ ...wide, gpu_memory_bytes: 5e9 });
    const { status, error } = await ended(greedy);
    assert.deepEqual([status, error?.code], ['failed', 'out_of_memory']);
    assert.equal((await server.completed(neighbour.id)).status, 'completed');
  });

  test('a trainer that is killed leaves the card to the next attempt', async () => {
    const job = await server.submit({ ...long(pictures, 60), gpu_memory_bytes: 2 * GiB, checkpoint_seconds: 0.5 });
    await server.until('a checkpoint is stored', async () => {
      const { data } = (await server.ok(`/jobs/${job.id}/checkpoints`)) as { data: unknown[] };
      return data.at(0);
    });
    for (const pid of trainers()) process.kill(pid, 'SIGKILL');
    const { attempt } = await server.completed(job.id);
    assert.equal(attempt, 2);
    const { iteration } = await server.metrics(job.id);
    assert.deepEqual(iteration, [...iteration.keys()], 'no iteration is lost or doubled');
  });

  test('what a process holds that waits for a job is given to one that needs it', async () => {
    await server.run(pictures); // it may have the whole card
    const before = trainers();
    await server.run({ ...pictures, gpu_memory_bytes: 2 * GiB });
    const stayed = before.filter((pid) => trainers().includes(pid));
    assert.deepEqual(stayed, [], 'a process that may hold all of the card has ended');
  });

  test('nothing is left on the card when the service has ended', async () => {
    await server.stop();
    assert.equal(used(), atFirst);
  });
});

test('asked for the same bits in each run, it gives them', async (t) => {
  const env = { ONECYCLE_SLOTS: '', ONECYCLE_DEVICES: 'cuda:0', TF_DETERMINISTIC_OPS: '1' };
  const server = await Server.start({ env });
  t.after(() => server.stop());
  const [one, two] = [await server.run(pictures), await server.run(pictures)];
  const [first, second] = [await server.metrics(one.id), await server.metrics(two.id)];
  assert.deepEqual(first.raw_loss, second.raw_loss);
});
