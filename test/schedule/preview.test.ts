import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { curves, planPolicy, type PolicySpec, previewPolicy } from '../../src/schedule/index.js';

const pointers = (policy: unknown, size: { n_iteration?: number; groups?: number }): string[] => {
  try {
    previewPolicy(policy as PolicySpec, size);
  } catch (error) {
    if (error instanceof Error && 'problems' in error && Array.isArray(error.problems))
      return error.problems.map(({ pointer }: { pointer: string }) => pointer);
    throw error;
  }
  return [];
};

test('a preview is what the contract shows', () => {
  const { hypers, phases } = previewPolicy(
    { name: 'fit_one_cycle', n_epoch: 3, lr_max: 0.003, wd: 0.1 },
    { n_iteration: 100, groups: 1 },
  );
  assert.deepEqual(Object.keys(hypers), ['lr', 'mom', 'wd']);
  assert.deepEqual([hypers.lr?.length, hypers.lr?.[0].length, hypers.mom?.[0].length], [1, 100, 100]);
  assert.equal(hypers.lr?.[0][25], 0.003);
  assert.equal(hypers.mom?.[0][25], 0.85);
  assert.deepEqual(new Set(hypers.wd?.[0]), new Set([0.1]));
  assert.deepEqual(phases, [{ phase: 0, n_epoch: 3, n_iteration: 100, frozen_to: 0 }]);
});

test('fine_tune shows both phases, by default for body and head', () => {
  const { hypers, phases } = previewPolicy({ name: 'fine_tune', epochs: 3 }, { n_iteration: 41 });
  assert.deepEqual(phases, [
    { phase: 0, n_epoch: 1, n_iteration: 10, frozen_to: 1 },
    { phase: 1, n_epoch: 3, n_iteration: 31, frozen_to: 0 },
  ]);
  assert.deepEqual(
    hypers.lr?.map((row) => row.length),
    [41, 41],
  );
  assert.equal(previewPolicy({ name: 'fine_tune', epochs: 99 }, { n_iteration: 2 }).phases[0].n_iteration, 1);
});

test('the finder has a length of its own', () => {
  const length = (policy: PolicySpec, n_iteration?: number) =>
    previewPolicy(policy, { n_iteration }).hypers.lr?.[0].length;
  assert.equal(length({ name: 'lr_find' }), 100);
  assert.equal(length({ name: 'lr_find' }, 30), 30);
  assert.equal(length({ name: 'lr_find', num_it: 40 }, 40), 40);
  assert.deepEqual(pointers({ name: 'lr_find', num_it: 40 }, { n_iteration: 41 }), ['/n_iteration']);
  // It never runs for fewer than 6.
  assert.deepEqual(pointers({ name: 'lr_find' }, { n_iteration: 5 }), ['/n_iteration']);
  assert.deepEqual(pointers({ name: 'lr_find', num_it: 1e6 }, {}), ['/policy/num_it']);
});

test('what is wrong points into the request', () => {
  const fit = { name: 'fit', n_epoch: 1 };
  assert.deepEqual(pointers(fit, {}), ['/n_iteration']);
  for (const n_iteration of [0, -1, 1.5, NaN, 1e9]) assert.deepEqual(pointers(fit, { n_iteration }), ['/n_iteration']);
  for (const groups of [0, 1.5, 1e9]) assert.deepEqual(pointers(fit, { n_iteration: 10, groups }), ['/param_groups']);
  assert.deepEqual(pointers({ name: 'lr_find' }, { n_iteration: -1 }), ['/n_iteration']);
  assert.deepEqual(pointers(fit, { n_iteration: 100_000, groups: 1000 }), ['/n_iteration']);
  // 200,000 values of each hyper, over all groups.
  assert.deepEqual(pointers(fit, { n_iteration: 100_000, groups: 2 }), []);
  assert.deepEqual(pointers(fit, { n_iteration: 66_667, groups: 3 }), ['/n_iteration']);
  assert.deepEqual(pointers({ name: 'fit', n_epoch: 0, wd: -1 }, { n_iteration: 10 }), [
    '/policy/n_epoch',
    '/policy/wd',
  ]);
  assert.deepEqual(pointers({ name: 'fit', n_epoch: 1, lr: { lr_find: 'valley' } }, { n_iteration: 10 }), [
    '/policy/lr',
  ]);
  assert.deepEqual(pointers({ name: 'fine_tune', epochs: 1 }, { n_iteration: 1, groups: 2 }), ['/n_iteration']);
});

const rate = fc.double({ min: 1e-6, max: 1, noNaN: true });
const epochs = fc.integer({ min: 1, max: 5 });
const lr = fc.oneof(
  rate,
  fc.record({ stop: rate }),
  fc.record({ start: rate, stop: rate }),
  fc.array(rate, { minLength: 3, maxLength: 3 }),
);
const policies: fc.Arbitrary<PolicySpec> = fc.oneof(
  fc.record({ name: fc.constant('fit' as const), n_epoch: epochs, lr }),
  fc.record({
    name: fc.constant('fit_one_cycle' as const),
    n_epoch: epochs,
    lr_max: lr,
    div: fc.constant(10),
    pct_start: fc.constant(0.4),
  }),
  epochs.chain((n) =>
    fc.record({
      name: fc.constant('fit_one_cycle' as const),
      n_epoch: fc.constant(n),
      start_epoch: fc.integer({ min: 0, max: n - 1 }),
    }),
  ),
  fc.record({ name: fc.constant('fit_flat_cos' as const), n_epoch: epochs, lr, wd: rate }),
  fc.record({
    name: fc.constant('fit_sgdr' as const),
    n_cycles: epochs,
    cycle_len: epochs,
    cycle_mult: fc.integer({ min: 1, max: 3 }),
    lr_max: lr,
  }),
  fc.record({
    name: fc.constant('fine_tune' as const),
    epochs,
    freeze_epochs: fc.integer({ min: 0, max: 3 }),
    base_lr: rate,
  }),
  fc.record({ name: fc.constant('lr_find' as const), num_it: fc.integer({ min: 1, max: 60 }) }),
);

test('a preview of the length of a run is what that run is planned to do', () => {
  fc.assert(
    fc.property(policies, fc.integer({ min: 1, max: 9 }), (policy, batchesPerEpoch) => {
      const phases = planPolicy(policy, { groups: 3, batchesPerEpoch });
      const n_iteration = phases.reduce((sum, phase) => sum + phase.n_iteration, 0);
      const preview = previewPolicy(policy, { n_iteration, groups: 3 });
      assert.deepEqual(preview.hypers, curves(phases));
      assert.deepEqual(
        preview.phases.map((phase) => phase.n_iteration),
        phases.map((phase) => phase.n_iteration),
      );
    }),
  );
});
