/**
 * POST /schedules/preview says, without training, what a run of that length then records; and what was recorded can be
 * drawn.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server } from './harness.js';

let server: Server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

interface Preview {
  hypers: Record<string, number[][]>;
  phases: { phase: number; n_epoch: number; n_iteration: number; frozen_to: number }[];
}

const combine = [
  { pct: 0.25, fn: 'sched_lin', start: 1e-4, end: [1e-3, 1e-2] },
  {
    pct: 0.5,
    schedule: {
      combine: [
        { pct: 0.5, fn: 'sched_exp', start: 1e-2, end: 1e-3 },
        { pct: 0.5, fn: 'sched_poly', start: 1e-3, end: 1e-4, power: 2 },
      ],
    },
  },
  { pct: 0.25, schedule: { fn: 'combined_cos', pct: 0.4, start: 1e-4, middle: 1e-3, end: 1e-5 } },
];

/** On a body and a head: two parameter groups. */
const policies: object[] = [
  { name: 'fit', n_epoch: 2 },
  { name: 'fit', n_epoch: 2, lr: { start: 1e-4, stop: 1e-2 }, wd: [0.1, 0.2] },
  {
    name: 'fit',
    n_epoch: 2,
    schedules: {
      lr: { combine },
      mom: [
        { fn: 'sched_no', start: 0.9 },
        { fn: 'sched_cos', start: 0.9, end: 0.8 },
      ],
      sqr_mom: { fn: 'sched_lin', start: 0.9, end: 0.99 },
      eps: { fn: 'sched_exp', start: 1e-6, end: 1e-5 },
      wd: { fn: 'sched_lin', start: 0, end: 0.1 },
    },
  },
  { name: 'fit_one_cycle', n_epoch: 3, lr_max: 0.003 },
  {
    name: 'fit_one_cycle',
    n_epoch: 3,
    lr_max: { stop: 0.01 },
    div: 10,
    div_final: 100,
    pct_start: 0.4,
    moms: [0.9, 0.8, 0.9],
    wd: 0.05,
    start_epoch: 1,
  },
  { name: 'fit_flat_cos', n_epoch: 2, lr: [1e-3, 1e-2], start_epoch: 1 },
  { name: 'fit_sgdr', n_cycles: 3, cycle_len: 1, lr_max: 0.01, start_epoch: 2 },
  { name: 'fit_sgdr', n_cycles: 3, cycle_len: 1, cycle_mult: 1 },
  { name: 'fine_tune', epochs: 2, base_lr: 0.01, freeze_epochs: 2 },
  { name: 'fine_tune', epochs: 3, freeze_epochs: 1, start_epoch: 1 },
  { name: 'lr_find', num_it: 30, start_lr: [1e-6, 1e-5], end_lr: 0.1 },
];

for (const policy of policies) {
  test(`a preview equals what the run records: ${JSON.stringify(policy).slice(0, 120)}`, async () => {
    const record = await server.run({
      policy,
      dataset: { builtin: 'iris' },
      model: { preset: 'mlp', hidden: [8] },
      batch_size: 16,
    });
    const { hypers, iteration } = await server.metrics(record.id);
    const { status, body } = await server.post('/schedules/preview', {
      policy,
      n_iteration: record.progress.n_iteration,
      param_groups: 2,
    });
    const preview = body as Preview;
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(iteration.length, record.progress.n_iteration);
    assert.ok('lr' in preview.hypers);
    for (const [name, groups] of Object.entries(preview.hypers)) assert.deepEqual(groups, hypers[name], name);
    const { phases } = record as typeof record & Preview;
    assert.deepEqual(
      preview.phases.map(({ n_iteration, frozen_to }) => [n_iteration, frozen_to]),
      phases.map(({ n_iteration, frozen_to }) => [n_iteration, frozen_to]),
    );

    const { body: svg } = await server.get(`/jobs/${record.id}/plots/sched.svg`);
    const varies = (groups: number[][] = []) => groups.some((row) => row.some((value) => value !== row[0]));
    for (const [name, groups] of Object.entries(hypers))
      if (varies(groups)) assert.ok(String(svg).includes(`>${name}</text>`), name);
  });
}

test('fine_tune of a model of one group previews as it runs', async () => {
  const policy = { name: 'fine_tune', epochs: 1 };
  const record = await server.run({
    policy,
    dataset: { builtin: 'synthetic' },
    model: { preset: 'linear' },
    batch_size: 16,
  });
  const { body } = await server.post('/schedules/preview', {
    policy,
    n_iteration: record.progress.n_iteration,
    param_groups: 1,
  });
  const { hypers } = await server.metrics(record.id);
  assert.deepEqual((body as Preview).hypers, { lr: hypers.lr, mom: hypers.mom });
});

test('the plots of real runs: losses with validation, a finder’s suggestions by name', async () => {
  const job = { dataset: { builtin: 'digits' }, model: { preset: 'mlp', hidden: [32] } };
  const fit = await server.run({
    ...job,
    policy: { name: 'fit_one_cycle', n_epoch: 3, lr_max: { lr_find: 'valley' } },
  });
  const loss = String((await server.get(`/jobs/${fit.id}/plots/loss.svg`)).body);
  for (const text of ['valid', 'train (smoothed)', 'loss', 'iteration'])
    assert.ok(loss.includes(`>${text}</text>`), text);
  const curve = String((await server.get(`/jobs/${fit.lr_find!.job}/plots/lr-find.svg`)).body);
  assert.ok(curve.includes(`>valley: ${Number(fit.lr_find!.value.toPrecision(3))}</text>`), curve.slice(-3000));
  const missing = await server.get(`/jobs/${fit.id}/plots/lr-find.svg`);
  assert.equal(missing.status, 404);
  assert.match(JSON.stringify(missing.body), new RegExp(fit.lr_find!.job));
});
