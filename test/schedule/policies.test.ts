import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkPolicy,
  combinedCos,
  curves,
  hypersAt,
  planPolicy,
  type PlanContext,
  policyNames,
  PolicySchema,
  type PolicySpec,
  SchedCos,
  SchedExp,
} from '../../src/schedule/index.js';
import { near, trajectories, type Trajectory } from './golden.js';

const context = (changes: Partial<PlanContext> = {}): PlanContext => ({ groups: 1, batchesPerEpoch: 10, ...changes });
const plan = (policy: PolicySpec, changes: Partial<PlanContext> = {}) => planPolicy(policy, context(changes));
const close = (found: number[] | undefined, expected: number[]) => {
  assert.ok(found);
  assert.equal(found.length, expected.length);
  expected.forEach((value, i) => near(found[i], value, 1e-9, `iteration ${i}`));
};

function compareRuns({ train_rows, batch_size, param_groups_by_layer, runs }: Trajectory): void {
  const groups = param_groups_by_layer === 'one group' ? 1 : param_groups_by_layer.length;
  for (const { policy, frozen, hypers = [], lrs } of runs) {
    const phases = planPolicy(policy, { groups, batchesPerEpoch: Math.floor(train_rows / batch_size) });
    const found = curves(phases);
    lrs?.forEach((expected, i) => near(found.lr?.[0][i], expected, 1e-6, `lr at ${i}`));
    const golden = [...(frozen?.hypers ?? []), ...hypers];
    if (!lrs) assert.equal(found.lr?.[0].length, golden.length);
    golden.forEach((row, i) =>
      row.forEach((expected, group) => {
        near(found.lr?.[group][i], expected.lr, 1e-6, `lr of group ${group} at ${i}`);
        if (found.mom) near(found.mom[group][i], expected.mom, 1e-6, `mom of group ${group} at ${i}`);
        if (found.wd) near(found.wd[group][i], expected.wd, 1e-6, `wd of group ${group} at ${i}`);
      }),
    );
  }
}

test("every policy plans what fastai's runs recorded", async (t) => {
  for (const trajectory of trajectories) await t.test(trajectory.name, () => compareRuns(trajectory));
});

test("the seed's one-cycle: lr and mom over 20 iterations", () => {
  const { lr, mom } = curves(plan({ name: 'fit_one_cycle', n_epoch: 2 }, { lr: 1e-2 }));
  const twenty = Array.from({ length: 20 }, (_, i) => i / 20);
  close(lr?.[0], twenty.map(combinedCos(0.25, 1e-2 / 25, 1e-2, 1e-7)));
  close(mom?.[0], twenty.map(combinedCos(0.25, 0.95, 0.85, 0.95)));
});

test("the seed's SGDR: 7 epochs, each cycle a cosine from its first batch on", () => {
  const [phase] = plan({ name: 'fit_sgdr', n_cycles: 3, cycle_len: 1 });
  assert.equal(phase.n_epoch, 7);
  const lr = curves([phase]).lr?.[0] ?? [];
  const starts = [0, 10, 30, 70];
  for (let cycle = 0; cycle < 3; cycle++) {
    const length = starts[cycle + 1] - starts[cycle];
    close(
      lr.slice(starts[cycle], starts[cycle + 1]),
      Array.from({ length }, (_, k) => SchedCos(1e-3, 0)(k / length)),
    );
  }
});

test("the seed's LRFinder: exponentially growing rates", () => {
  const [phase] = plan({ name: 'lr_find' });
  close(
    curves([phase]).lr?.[0],
    Array.from({ length: 100 }, (_, i) => SchedExp(1e-7, 10)(i / 100)),
  );
  assert.deepEqual(phase.lr_find, { num_it: 100, stop_div: true });
  assert.equal(phase.n_epoch, 11);
});

test('SGDR with cycles of one length is what is meant, where fastai divides by zero', () => {
  const [phase] = plan(
    { name: 'fit_sgdr', n_cycles: 10, cycle_len: 3, cycle_mult: 1, lr_max: 0.1 },
    { batchesPerEpoch: 2 },
  );
  assert.equal(phase.n_epoch, 30);
  const lr = curves([phase]).lr?.[0] ?? [];
  for (let cycle = 0; cycle < 10; cycle++) assert.equal(lr[6 * cycle], 0.1, `the first batch of cycle ${cycle}`);
});

test('SGDR begins every cycle at its highest rate, whatever the lengths', () => {
  for (const [n_cycles, cycle_len, cycle_mult, batchesPerEpoch] of [
    [6, 1, 2, 7],
    [4, 5, 3, 3],
    [12, 7, 1, 11],
    [5, 3, 4, 1],
  ]) {
    const lr =
      curves(plan({ name: 'fit_sgdr', n_cycles, cycle_len, cycle_mult, lr_max: 1 }, { batchesPerEpoch })).lr?.[0] ?? [];
    let start = 0;
    for (let cycle = 0; cycle < n_cycles; cycle++) {
      near(lr[start], 1, 1e-9, `cycle ${cycle} of ${n_cycles}`);
      start += cycle_len * cycle_mult ** cycle * batchesPerEpoch;
    }
    assert.equal(lr.length, start);
  }
});

test('rates per group: a list, slices, and one value for all', () => {
  const set = (lr: number | number[] | { start?: number; stop: number }, groups = 3) =>
    plan({ name: 'fit', n_epoch: 1, lr }, { groups })[0].set.lr;
  assert.deepEqual(set(0.1), [0.1, 0.1, 0.1]);
  assert.deepEqual(set([0.1]), [0.1, 0.1, 0.1]);
  assert.deepEqual(set([0.1, 0.2, 0.3]), [0.1, 0.2, 0.3]);
  assert.deepEqual(set({ stop: 0.1 }), [0.01, 0.01, 0.1]);
  close(set({ start: 1e-4, stop: 1e-2 }), [1e-4, 1e-3, 1e-2]);
  assert.deepEqual(set({ start: 1e-4, stop: 1e-2 }, 1), [1e-2]);
  assert.deepEqual(set({ stop: 1e-2 }, 1), [1e-2]);
});

test("the Learner's own rate and momenta are used where none are given", () => {
  const moms = [0.8, 0.7, 0.9] as const;
  const [cycle] = plan({ name: 'fit_one_cycle', n_epoch: 1 }, { lr: 0.5, moms, groups: 2 });
  assert.deepEqual(hypersAt(cycle, 0), { lr: [0.02, 0.02], mom: [0.8, 0.8] });
  const [fit] = plan({ name: 'fit', n_epoch: 2 });
  assert.deepEqual(
    { ...fit, schedules: {} },
    {
      n_epoch: 2,
      start_epoch: 0,
      frozen_to: null,
      reset_opt: false,
      set: { lr: [1e-3] },
      schedules: {},
      n_position: 20,
      n_iteration: 20,
    },
  );
});

test('fit hands on weight decay, a reset and what is frozen', () => {
  const [phase] = plan({ name: 'fit', n_epoch: 1, wd: 0.1, reset_opt: true }, { groups: 2, frozenTo: -1 });
  assert.deepEqual(phase.set.wd, [0.1, 0.1]);
  assert.equal(phase.reset_opt, true);
  assert.equal(phase.frozen_to, 1);
  assert.deepEqual(plan({ name: 'fit', n_epoch: 1, wd: [0, 0.1] }, { groups: 2 })[0].set.wd, [0, 0.1]);
});

test('fine_tune: two phases, the arguments of both and of each', () => {
  const both = { wd: 0.2, reset_opt: true, div_final: 10, moms: [0.9, 0.8, 0.7] as [number, number, number] };
  const [frozen, unfrozen] = plan(
    { name: 'fine_tune', epochs: 3, base_lr: 0.2, freeze_epochs: 2, lr_mult: 10, pct_start: 0.5, div: 4, ...both },
    { groups: 2 },
  );
  for (const phase of [frozen, unfrozen]) {
    assert.deepEqual(phase.set.wd, [0.2, 0.2]);
    assert.equal(phase.reset_opt, true);
    assert.deepEqual(hypersAt(phase, 0).mom, [0.9, 0.9]);
  }
  assert.deepEqual([frozen.n_epoch, frozen.frozen_to, frozen.n_iteration], [2, 1, 20]);
  assert.deepEqual([unfrozen.n_epoch, unfrozen.frozen_to, unfrozen.n_iteration], [3, 0, 30]);
  close(hypersAt(frozen, 0).lr, [0.02 / 25, 0.2 / 25]);
  close(hypersAt(frozen, 19.8).lr, [0.02, 0.2]);
  close(hypersAt(frozen, 20).lr, [0.002, 0.02]);
  close(hypersAt(unfrozen, 0).lr, [0.01 / 4, 0.1 / 4]);
  close(hypersAt(unfrozen, 15).lr, [0.01, 0.1]);
  close(hypersAt(unfrozen, 30).lr, [0.001, 0.01]);
});

test('start_epoch skips epochs, and the schedules stay where they were', () => {
  const whole = curves(plan({ name: 'fit_one_cycle', n_epoch: 4 })).lr?.[0] ?? [];
  const late = plan({ name: 'fit_one_cycle', n_epoch: 4, start_epoch: 3 });
  assert.deepEqual([late[0].start_epoch, late[0].n_iteration, late[0].n_position], [3, 10, 40]);
  close(curves(late).lr?.[0], whole.slice(30));
  const sgdr = plan({ name: 'fit_sgdr', n_cycles: 2, cycle_len: 1, start_epoch: 2 });
  assert.deepEqual([sgdr[0].n_epoch, sgdr[0].n_iteration], [3, 10]);
});

test("fit_flat_cos takes a start_epoch and, as fastai's, skips nothing", () => {
  assert.equal(plan({ name: 'fit_flat_cos', n_epoch: 4, start_epoch: 3 })[0].n_iteration, 40);
});

test("fine_tune of a model of one group freezes nothing, as the seed's does", () => {
  const phases = plan({ name: 'fine_tune', epochs: 1 });
  assert.deepEqual(
    phases.map(({ frozen_to }) => frozen_to),
    [0, 0],
  );
  assert.deepEqual(
    phases.map((phase) => hypersAt(phase, 0).lr),
    [[2e-3 / 25], [1e-3 / 5]],
  );
});

test('fine_tune leaves out a phase that would train nothing', () => {
  const skipped = plan({ name: 'fine_tune', epochs: 3, start_epoch: 1 }, { groups: 2 });
  assert.deepEqual(
    skipped.map(({ frozen_to, n_iteration }) => [frozen_to, n_iteration]),
    [[0, 20]],
  );
  assert.equal(plan({ name: 'fine_tune', epochs: 1, freeze_epochs: 0 }, { groups: 2 }).length, 1);
});

test('lr_find runs for at least 6 iterations, at one rate per group where they are lists', () => {
  const [phase] = plan(
    { name: 'lr_find', num_it: 2, start_lr: [1e-6, 1e-5], end_lr: 1, stop_div: false },
    { groups: 2, batchesPerEpoch: 4 },
  );
  assert.deepEqual([phase.n_iteration, phase.n_epoch, phase.n_position], [6, 2, 6]);
  assert.deepEqual(phase.lr_find, { num_it: 6, stop_div: false });
  assert.deepEqual(hypersAt(phase, 0).lr, [1e-6, 1e-5]);
  close(hypersAt(phase, 3).lr, [1e-3, Math.sqrt(1e-5)]);
});

test('custom schedules drive any hyper, one for all groups or one per group', () => {
  const [phase] = plan(
    {
      name: 'fit',
      n_epoch: 1,
      schedules: {
        lr: { fn: 'sched_cos', start: [0.1, 0.2], end: 0.01 },
        mom: {
          combine: [
            { pct: 0.3, fn: 'sched_lin', start: 0.8, end: 0.9 },
            { pct: 0.7, fn: 'sched_no', start: 0.9 },
          ],
        },
        wd: [
          { fn: 'sched_exp', start: 0.01, end: 0.1 },
          { fn: 'sched_poly', start: 0, end: 0.1, power: 2 },
        ],
        eps: {
          combine: [{ pct: 1, schedule: { fn: 'combined_cos', pct: 0.5, start: 1e-8, middle: 1e-5, end: 1e-8 } }],
        },
        sqr_mom: {
          combine: [
            { pct: 0.5, fn: 'sched_no', start: 0.9 },
            { pct: 0.5, combine: [{ pct: 1, fn: 'sched_lin', start: 0.9, end: 0.99 }] },
          ],
        },
      },
    },
    { groups: 2 },
  );
  const [start, middle] = [hypersAt(phase, 0), hypersAt(phase, 5)];
  assert.deepEqual(start, { lr: [0.1, 0.2], mom: [0.8, 0.8], wd: [0.01, 0], eps: [1e-8, 1e-8], sqr_mom: [0.9, 0.9] });
  close(middle.lr, [0.055, 0.105]);
  close(middle.wd, [Math.sqrt(0.001), 0.025]);
  close(middle.eps, [1e-5, 1e-5]);
  close(hypersAt(phase, 7.5).sqr_mom, [0.945, 0.945]);
  close(hypersAt(phase, 1.5).mom, [0.85, 0.85]);
});

// What is wrong with a policy, and the pointers that say so. A value that has no place in the types comes as JSON.
const bad: [policy: string, pointers: string[], groups?: number][] = [
  ['null', ['/name']],
  ['{}', ['/name']],
  ['{"name": "fit_two_cycles"}', ['/name']],
  ['{"name": "toString"}', ['/name']],
  ['{"name": "fit"}', ['/n_epoch']],
  ['{"name": "fit", "n_epoch": 0}', ['/n_epoch']],
  ['{"name": "fit", "n_epoch": 1.5}', ['/n_epoch']],
  ['{"name": "fit", "n_epoch": "3"}', ['/n_epoch']],
  ['{"name": "fit", "n_epoch": null}', ['/n_epoch']],
  ['{"name": "fit", "n_epoch": 1, "lr_max": 0.1, "a/b": 1}', ['/lr_max', '/a~1b']],
  ['{"name": "fit", "n_epoch": 1, "lr": 0}', ['/lr']],
  ['{"name": "fit", "n_epoch": 1, "lr": -0.1}', ['/lr']],
  ['{"name": "fit", "n_epoch": 1, "lr": null}', ['/lr']],
  ['{"name": "fit", "n_epoch": 1, "lr": 1e999}', ['/lr']],
  ['{"name": "fit", "n_epoch": 1, "lr": [0.1, 0.2]}', ['/lr'], 3],
  ['{"name": "fit", "n_epoch": 1, "lr": []}', ['/lr'], 2],
  ['{"name": "fit", "n_epoch": 1, "lr": [0.1, 0, "x"]}', ['/lr/1', '/lr/2'], 3],
  ['{"name": "fit", "n_epoch": 1, "lr": {}}', ['/lr']],
  ['{"name": "fit", "n_epoch": 1, "lr": {"start": 0, "stop": -1, "step": 2}}', ['/lr/start', '/lr/stop', '/lr/step']],
  ['{"name": "fit", "n_epoch": 1, "lr": {"lr_find": "peak"}}', ['/lr/lr_find']],
  ['{"name": "fit", "n_epoch": 1, "lr": {"lr_find": {"num_it": 0}}}', ['/lr/lr_find/suggestion', '/lr/lr_find/num_it']],
  [
    '{"name": "fit", "n_epoch": 1, "lr": {"lr_find": {"suggestion": "valley", "end_lr": 1e-9}}}',
    ['/lr/lr_find/start_lr'],
  ],
  ['{"name": "fit", "n_epoch": 1, "wd": -1, "reset_opt": 1, "start_epoch": -1}', ['/wd', '/reset_opt', '/start_epoch']],
  ['{"name": "fit", "n_epoch": 2, "start_epoch": 2}', ['/start_epoch']],
  ['{"name": "fit_one_cycle", "n_epoch": 1, "pct_start": 0}', ['/pct_start']],
  ['{"name": "fit_one_cycle", "n_epoch": 1, "pct_start": 1}', ['/pct_start']],
  ['{"name": "fit_one_cycle", "n_epoch": 1, "div": 0, "div_final": -1}', ['/div', '/div_final']],
  ['{"name": "fit_one_cycle", "n_epoch": 1, "moms": [0.9, 0.8]}', ['/moms']],
  ['{"name": "fit_one_cycle", "n_epoch": 1, "moms": [0.9, 1, -0.1]}', ['/moms/1', '/moms/2']],
  ['{"name": "fit_flat_cos", "n_epoch": 1, "div": 25}', ['/div']],
  ['{"name": "fit_sgdr"}', ['/n_cycles', '/cycle_len']],
  ['{"name": "fit_sgdr", "n_cycles": 2, "cycle_len": 1, "cycle_mult": 0}', ['/cycle_mult']],
  ['{"name": "fit_sgdr", "n_cycles": 2, "cycle_len": 1, "cycle_mult": 1.5}', ['/cycle_mult']],
  ['{"name": "fit_sgdr", "n_cycles": 60, "cycle_len": 1}', ['/n_cycles']],
  ['{"name": "fit_sgdr", "n_cycles": 1e9, "cycle_len": 1, "cycle_mult": 1}', ['/n_cycles']],
  ['{"name": "fit_sgdr", "n_cycles": -3, "cycle_len": 1}', ['/n_cycles']],
  ['{"name": "fit_sgdr", "n_cycles": 2, "cycle_len": 1, "start_epoch": 3}', ['/start_epoch']],
  ['{"name": "fine_tune", "epochs": 1, "lr_max": 0.1, "base_lr": [1, 2]}', ['/lr_max', '/base_lr'], 2],
  ['{"name": "fine_tune", "freeze_epochs": -1, "lr_mult": 0}', ['/epochs', '/freeze_epochs', '/lr_mult'], 2],
  ['{"name": "fine_tune", "epochs": 1, "start_epoch": 1}', ['/start_epoch'], 2],
  ['{"name": "lr_find", "start_lr": 1, "end_lr": 1}', ['/start_lr']],
  ['{"name": "lr_find", "start_lr": 11}', ['/start_lr']],
  ['{"name": "lr_find", "start_lr": [1e-3, 1], "end_lr": [1, 1e-3]}', ['/start_lr'], 2],
  [
    '{"name": "lr_find", "start_lr": [1e-3, 1e-2, 1e-1], "num_it": 0.5, "stop_div": "no"}',
    ['/start_lr', '/num_it', '/stop_div'],
    2,
  ],
  ['{"name": "lr_find", "suggest_funcs": ["valley", "hill"]}', ['/suggest_funcs/1']],
  ['{"name": "lr_find", "start_epoch": 1}', ['/start_epoch']],
];

const badSchedules: [schedules: string, pointers: string[], groups?: number][] = [
  ['[]', ['']],
  ['{"beta": {"fn": "sched_no", "start": 1}}', ['/beta']],
  ['{"lr": 0.1}', ['/lr']],
  ['{"lr": {"fn": "sched_sin", "start": 1, "end": 2}}', ['/lr/fn']],
  ['{"lr": {"fn": "sched_lin", "start": 1}}', ['/lr/end']],
  ['{"lr": {"fn": "sched_lin", "start": -1, "end": "0"}}', ['/lr/start', '/lr/end']],
  ['{"mom": {"fn": "sched_lin", "start": 1, "end": 0.5}}', ['/mom/start']],
  ['{"lr": {"fn": "sched_exp", "start": 0, "end": 1}}', ['/lr/start']],
  ['{"lr": {"fn": "sched_exp", "start": 1, "end": [0.1, 0]}}', ['/lr/end'], 2],
  ['{"lr": {"fn": "sched_poly", "start": 0, "end": 1}}', ['/lr/power']],
  ['{"lr": {"fn": "sched_poly", "start": 0, "end": 1, "power": -1}}', ['/lr/power']],
  ['{"lr": {"fn": "sched_lin", "start": [1, 2], "end": [1, 2, 3]}}', ['/lr/start'], 3],
  ['{"lr": [{"fn": "sched_no", "start": 1}, {"fn": "sched_no", "start": 1}]}', ['/lr'], 3],
  ['{"lr": [{"fn": "sched_no", "start": 1}, {"fn": "sched_no", "start": [1, 2]}]}', ['/lr/1/start'], 2],
  ['{"lr": {"combine": []}}', ['/lr/combine']],
  [
    '{"lr": {"combine": [{"pct": -0.5, "fn": "sched_no", "start": 1}, {"pct": 1, "fn": "sched_no", "start": 1}]}}',
    ['/lr/combine/0/pct', '/lr/combine'],
  ],
  [
    '{"lr": {"combine": [{"pct": 0.5, "fn": "sched_no", "start": 1}, {"pct": 0.4, "fn": "sched_no", "start": 1}]}}',
    ['/lr/combine'],
  ],
  ['{"lr": {"combine": [{"fn": "sched_no", "start": 1}]}}', ['/lr/combine/0/pct']],
  [
    '{"lr": {"combine": [{"pct": 1, "combine": [{"pct": 1, "fn": "sched_no", "start": -1}]}]}}',
    ['/lr/combine/0/combine/0/start'],
  ],
  [
    '{"lr": {"combine": [{"pct": 1, "schedule": {"fn": "sched_no", "start": -1}, "more": 1}]}}',
    ['/lr/combine/0/schedule/start', '/lr/combine/0/more'],
  ],
  ['{"lr": {"combine": [{"pct": 1, "fn": "combined_cos", "start": 1, "middle": 2, "end": 3}]}}', ['/lr/combine/0']],
  ['{"lr": {"fn": "combined_cos", "pct": 2, "start": 1, "end": 3}}', ['/lr/pct', '/lr/middle']],
  // The optimizer's own bound: it divides by eps where all gradients have been 0.
  ['{"eps": {"fn": "sched_lin", "start": 1e-5, "end": 0}}', ['/eps/end']],
  [
    '{"lr": {"combine": [{"pct": 1, "schedule": {"fn": "sched_no", "start": [1, 2]}}]}}',
    ['/lr/combine/0/schedule/start'],
    3,
  ],
];

const table = [
  ...bad,
  ...badSchedules.map(([schedules, pointers, groups]): (typeof bad)[number] => [
    `{"name": "fit", "n_epoch": 1, "schedules": ${schedules}}`,
    pointers.map((pointer) => `/schedules${pointer}`),
    groups,
  ]),
];

test('what is wrong with a policy is named, all of it, by its pointer', async (t) => {
  for (const [json, pointers, groups = 1] of table) {
    await t.test(json, () => {
      const policy: unknown = JSON.parse(json);
      const problems = checkPolicy(policy, groups);
      assert.deepEqual(problems.map(({ pointer }) => pointer).sort(), [...pointers].sort());
      for (const { detail } of problems) assert.match(detail, /\w/);
      assert.throws(() => planPolicy(policy as PolicySpec, context({ groups })), { code: 'invalid_spec', problems });
    });
  }
});

test('a schedule nested without end is refused, not followed', () => {
  let schedule: unknown = { fn: 'sched_no', start: 1 };
  for (let depth = 0; depth < 5000; depth++) schedule = { combine: [{ pct: 1, schedule }] };
  const [{ detail }] = checkPolicy({ name: 'fit', n_epoch: 1, schedules: { lr: schedule } }, 1);
  assert.match(detail, /too deeply/);
});

test('NaN is no number, wherever it stands', () => {
  for (const wrong of [NaN, Infinity]) {
    assert.deepEqual(
      checkPolicy(
        {
          name: 'fit_one_cycle',
          n_epoch: wrong,
          lr_max: wrong,
          div: wrong,
          div_final: wrong,
          pct_start: wrong,
          wd: wrong,
        },
        1,
      )
        .map(({ pointer }) => pointer)
        .sort(),
      ['/div', '/div_final', '/lr_max', '/n_epoch', '/pct_start', '/wd'],
    );
  }
});

test('a rate that waits for a finder is right to ask for, and cannot be planned yet', () => {
  const lr_find = { suggestion: 'valley', num_it: 50 } as const;
  const waiting: PolicySpec[] = [
    { name: 'fit_one_cycle', n_epoch: 1, lr_max: { lr_find } },
    { name: 'fit', n_epoch: 1, lr: { lr_find } },
    { name: 'fit_flat_cos', n_epoch: 1, lr: { lr_find } },
    { name: 'fit_sgdr', n_cycles: 1, cycle_len: 1, lr_max: { lr_find } },
    { name: 'fine_tune', epochs: 1, base_lr: { lr_find } },
  ];
  for (const policy of waiting) {
    assert.deepEqual(checkPolicy(policy, 2), []);
    assert.throws(() => plan(policy, { groups: 2 }), { code: 'invalid_spec', message: /suggestion is not known yet/ });
  }
  assert.deepEqual(checkPolicy({ name: 'fit', n_epoch: 1, lr: { lr_find: 'lr_steep' } }, 1), []);
});

test('an epoch without a batch cannot be planned', () => {
  assert.throws(() => plan({ name: 'fit', n_epoch: 1 }, { batchesPerEpoch: 0 }), { code: 'invalid_spec' });
});

test('the table lists each policy under its own name, and the schema has them all', () => {
  const { anyOf } = JSON.parse(JSON.stringify(PolicySchema)) as { anyOf: { properties: { name: object } }[] };
  assert.deepEqual(
    anyOf.map(({ properties }) => properties.name),
    policyNames.map((name) => ({ type: 'string', const: name })),
  );
});

test("an argument that is undefined is left out: it is the Learner's, then the schema's default", () => {
  const [learners] = plan({ name: 'fit_one_cycle', n_epoch: 1, lr_max: undefined, div: undefined }, { lr: 0.5 });
  assert.deepEqual(hypersAt(learners, 0).lr, [0.5 / 25]);
  const [own] = plan({ name: 'fit_one_cycle', n_epoch: 1, lr_max: undefined });
  assert.deepEqual(hypersAt(own, 0).lr, [1e-3 / 25]);
});
