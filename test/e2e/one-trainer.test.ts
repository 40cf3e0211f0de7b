/** A trainer runs one job after another: what ran before a job in its process changes nothing for it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { heldBy } from '../faults/campaign/processes.js';
import { Server, temporaryFolder } from './harness.js';
import { endless } from './jobs.js';

/** Keeps a count in its module, and halves the rate each time it was made before. */
const counting = `
let made = 0;
const halve = (n) => ({ optimizer }) => optimizer.setHyper('lr', optimizer.hypers.map(({ lr }) => lr / 2 ** n));
export const callbacks = { counting: () => ({ callback: { name: 'counting', before_batch: halve(made++) } }) };`;

const folder = temporaryFolder();
let server: Server;
before(async () => {
  writeFileSync(join(folder, 'counting.mjs'), counting);
  server = await Server.start({
    env: { ONECYCLE_LOG_LEVEL: 'debug', ONECYCLE_CALLBACKS: join(folder, 'counting.mjs') },
  });
});
after(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The processes that were given attempts, in their order. */
const trainers = (): number[] =>
  server.output
    .split('\n')
    .filter((line) => line.includes('a trainer is given an attempt'))
    .map((line) => Number(/"pid":(\d+)/.exec(line)![1]));

/** That one trainer ran all jobs so far; else why there are more. */
function assertOneTrainer(): void {
  const why = server.output.split('\n').filter((line) => line.includes('a trainer is replaced'));
  assert.equal(new Set(trainers()).size, 1, why.join('\n'));
}

const policy = { name: 'fit_one_cycle', n_epoch: 1, lr_max: 0.01 };
const digits = { builtin: 'digits' };
const layers = [
  { type: 'dense', units: 32 },
  { type: 'relu' },
  { type: 'batch_norm' },
  { type: 'dropout', rate: 0.5 },
  { type: 'dense', units: 10 },
];
/** With dropout, batch norm and shuffled rows: all that is random in a run. */
const drawn = { policy, dataset: digits, model: { layers }, metrics: ['accuracy'] };
const pictures = { random: { shape: [16, 16, 3], classes: 5, rows: 160, seed: 1 } };

async function table(): Promise<object> {
  const rows = Array.from({ length: 80 }, (_, i) => `${i % 7},${'abc'[i % 3]},${i % 2 ? 'yes' : 'no'}`);
  const response = await fetch(`${server.url}/datasets`, { method: 'POST', body: ['x,c,y', ...rows].join('\n') });
  const { id } = (await response.json()) as { id: string };
  return { policy, dataset: { id, target: 'y' }, model: { preset: 'tabular', layers: [8] }, batch_size: 16 };
}

/** Runs a job; its losses, and its weights' hash. */
async function bits(spec: unknown): Promise<{ losses: number[]; weights: string }> {
  const { id } = await server.run(spec);
  const { raw_loss: losses } = await server.metrics(id);
  const weights = await fetch(`${server.url}/jobs/${id}/weights`);
  assert.equal(weights.status, 200);
  const hash = createHash('sha256').update(Buffer.from(await weights.arrayBuffer()));
  return { losses, weights: hash.digest('hex') };
}

describe('one process', () => {
  let first: Awaited<ReturnType<typeof bits>>;

  test('runs jobs of every kind, and the first one again has the same bits', async () => {
    first = await bits(drawn);
    const cnn = { policy, dataset: pictures, model: { preset: 'cnn' }, batch_size: 32 };
    const fine = { ...drawn, policy: { name: 'fine_tune', epochs: 1 } };
    const once = [await bits(cnn), await bits(fine), await bits(await table())];
    await server.run({ ...drawn, policy: { name: 'lr_find', num_it: 50 } });
    assert.deepEqual(await bits(drawn), first);
    assert.deepEqual([await bits(cnn), await bits(fine), await bits(await table())], once);
    assertOneTrainer();
    assert.equal(trainers().length, 9);
  });

  const onLinux = process.platform === 'linux' ? {} : { skip: 'resident memory is read from /proc' };
  test('keeps none of the rows of jobs that have ended', onLinux, async () => {
    const residentBytes = () => heldBy(trainers().at(-1)!)!.memoryBytes;
    const spec = { ...drawn, batch_size: 1024 };
    await server.run(spec);
    const before = residentBytes();
    for (let i = 0; i < 120; i++) await server.run(spec);
    assertOneTrainer();
    const grown = residentBytes() - before;
    assert.ok(grown < 100e6, `${grown} bytes more after 120 jobs`);
  });

  test('goes on after a model that needs hundreds of megabytes', async () => {
    const random = { shape: [32, 32, 3], classes: 5, rows: 128, seed: 1 };
    const large = { policy, dataset: { random }, model: { preset: 'resnet18' }, batch_size: 32 };
    assert.deepEqual(await bits(large), await bits(large));
    assertOneTrainer();
  });

  test('cancels a later job, pauses the next, and goes on with the same bits', async () => {
    for (const [action, status] of [
      ['cancel', 'cancelled'],
      ['pause', 'paused'],
    ]) {
      const { id } = await server.submit(endless);
      await server.until('it trains', async () => (await server.job(id)).progress.iteration > 0);
      await server.post(`/jobs/${id}/${action}`);
      await server.until(`it is ${status}`, async () => (await server.job(id)).status === status);
    }
    assert.deepEqual(await bits(drawn), first);
    assertOneTrainer();
  });

  test('is replaced after a failure', async () => {
    await server.run(drawn);
    const { id } = await server.submit({ ...drawn, policy: { name: 'fit', n_epoch: 1, lr: 1e30 } });
    await server.until('it fails', async () => (await server.job(id)).status === 'failed');
    assert.deepEqual(await bits(drawn), first);
    const [before, failed, next] = trainers().slice(-3);
    assert.deepEqual([failed === before, next === failed], [true, false]);
  });

  test('is replaced after custom callbacks: what their modules keep reaches no other job', async () => {
    const counted = { ...drawn, callbacks: [{ name: 'counting' }] };
    const before = trainers().length;
    const found = [await bits(counted), await bits(counted), await bits(drawn)];
    assert.deepEqual(found, [first, first, first]);
    assert.equal(new Set(trainers().slice(before)).size, 3);
  });
});
