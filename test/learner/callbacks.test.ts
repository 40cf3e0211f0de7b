/** The callbacks, each on a real fit that gives it what it waits for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OnecycleError } from '../../src/errors.js';
import {
  callbacks,
  completeOptimizer,
  customCallback,
  EarlyStopping,
  FailOnNaN,
  GradientAccumulation,
  lrFind,
  makeCallbacks,
  ParamScheduler,
  ReduceLROnPlateau,
  SaveBest,
  TerminateOnNaN,
  type Callback,
  type Learner,
  type LearnerView,
} from '../../src/learner/index.js';
import { countTo, synthLearner } from './learners.js';

const sgd = completeOptimizer({ name: 'sgd' });
const setLr = (learn: LearnerView, lr: number) => learn.optimizer.setHyper('lr', [lr]);
/** A rate an epoch. */
const ratesByEpoch = (...rates: number[]): Callback => ({
  name: 'rates',
  before_epoch: (learn) => setLr(learn, rates[learn.epoch]),
});
const lrsByEpoch = ({ recorder }: Learner): number[] => [
  ...new Map(recorder.batches.map(({ epoch, hypers }) => [epoch, hypers.lr[0]])).values(),
];

async function epochsOf(callback: Callback, rates: number[]): Promise<number> {
  const learn = synthLearner({ optimizer: sgd });
  await learn.fit(rates.length, { callbacks: [callback, ratesByEpoch(...rates)] });
  learn.dispose();
  return learn.recorder.epochs.length;
}

test('early stopping waits `patience` epochs in a row for an improvement', async () => {
  const still = [0, 0, 0, 0, 0, 0];
  assert.equal(await epochsOf(new EarlyStopping({}), still), 2);
  assert.equal(await epochsOf(new EarlyStopping({ patience: 3 }), still), 4);
  assert.equal(await epochsOf(new EarlyStopping({ patience: 2 }), [0.01, 0, 0.01, 0, 0, 0.01]), 5);
  assert.equal(await epochsOf(new EarlyStopping({}), [0.01, 0.01, 0.01]), 3);
  assert.equal(await epochsOf(new EarlyStopping({ min_delta: 1e6 }), [0.01, 0.01, 0.01]), 2);
  assert.equal(await epochsOf(new EarlyStopping({ comp: 'greater' }), [0.01, 0.01, 0.01]), 2);
  assert.equal(await epochsOf(new EarlyStopping({ monitor: 'train_loss' }), [0.01, 0.01, 0.01]), 3);
});

test('what there is no value of cannot be watched', async () => {
  const learn = synthLearner();
  await assert.rejects(
    learn.fit(1, { callbacks: [new EarlyStopping({ monitor: 'acuracy' })] }),
    /no acuracy to monitor; it has train_loss, valid_loss/,
  );
  learn.dispose();
});

test('a metric that is an error is better when it is less, another when it is greater', async () => {
  const rates = [0.01, 0.01, 0.01];
  for (const [monitor, epochs] of [
    ['mae', 3],
    ['r2', 3],
  ] as const) {
    const learn = synthLearner({ optimizer: sgd, metrics: ['mae', 'r2'] });
    await learn.fit(3, { callbacks: [new EarlyStopping({ monitor }), ratesByEpoch(...rates)] });
    assert.equal(learn.recorder.epochs.length, epochs, monitor);
    learn.dispose();
  }
});

test('save best: the fit ends with the best epoch’s parameters and values', async () => {
  const learn = synthLearner({ optimizer: sgd });
  const byEpoch: Float32Array[][] = [];
  const keep: Callback = {
    name: 'keep',
    after_epoch: () => void byEpoch.push(structuredClone(learn.parameterValues())),
  };
  await learn.fit(4, { callbacks: [new SaveBest({}), keep, ratesByEpoch(0.05, 0.05, 1.2, 0.001)] });
  const losses = learn.recorder.epochs.map(({ valid_loss }) => valid_loss!);
  assert.equal(losses.indexOf(Math.min(...losses)), 1, losses.join(' '));
  assert.deepEqual(learn.parameterValues(), byEpoch[1]);
  assert.notDeepEqual(byEpoch[3], byEpoch[1]);
  assert.equal(learn.lastEpoch, learn.recorder.epochs[1]);
  learn.dispose();
});

test('save best begins anew with each fit', async () => {
  const learn = synthLearner({ optimizer: sgd, callbacks: [new SaveBest({})] });
  await learn.fit(1, { callbacks: [ratesByEpoch(0.05)] });
  await learn.fit(1, { callbacks: [ratesByEpoch(1.2)] });
  assert.ok(learn.lastEpoch!.valid_loss! > learn.recorder.epochs[0].valid_loss!);
  learn.dispose();
});

test('reduce on plateau divides the rate, down to min_lr', async () => {
  const learn = synthLearner({ optimizer: sgd });
  setLr(learn, 1e-2);
  await learn.fit(6, { callbacks: [new ReduceLROnPlateau({ min_delta: 1e6, patience: 1, factor: 10, min_lr: 2e-4 })] });
  assert.deepEqual(lrsByEpoch(learn), [1e-2, 1e-2, 1e-3, 2e-4, 2e-4, 2e-4]);
  learn.dispose();

  const patient = synthLearner({ optimizer: sgd });
  setLr(patient, 1);
  await patient.fit(6, { callbacks: [new ReduceLROnPlateau({ min_delta: 1e6, patience: 2, factor: 2 })] });
  assert.deepEqual(lrsByEpoch(patient), [1, 1, 1, 0.5, 0.5, 0.25]);
  patient.dispose();
});

test('what watches epochs keeps its count in its state', () => {
  const first = new EarlyStopping({ patience: 3 });
  const learn = synthLearner();
  const epoch = (valid_loss: number): Learner => {
    learn.lastEpoch = { phase: 0, epoch: 0, train_loss: 1, valid_loss, metrics: {}, seconds: 0 };
    return learn;
  };
  first.before_fit(learn);
  for (const loss of [3, 2, 2.5]) first.after_epoch(epoch(loss));
  const second = new EarlyStopping({ patience: 3 });
  second.restore(JSON.parse(JSON.stringify(first.state())) as Record<string, unknown>);
  assert.deepEqual(second.state(), { best: 2, wait: 1 });
  second.after_epoch(epoch(2.5));
  assert.throws(() => second.after_epoch(epoch(2.5)), /cancelled: fit/);
  learn.dispose();
});

test('terminate on NaN ends the fit before anything records the loss', async () => {
  const learn = synthLearner();
  await learn.fit(1000, { callbacks: [new TerminateOnNaN(), { name: 'high', before_fit: () => setLr(learn, 1e6) }] });
  const { losses } = learn.recorder;
  assert.ok(losses.length > 0 && losses.length < 10_000);
  assert.ok(learn.recorder.batches.every(({ raw_loss }) => Number.isFinite(raw_loss)));
  learn.dispose();
});

test('fail on NaN fails with `diverged` and the iteration, which is recorded', async () => {
  const learn = synthLearner();
  const fit = learn.fit(1000, { callbacks: [new FailOnNaN(), { name: 'high', before_fit: () => setLr(learn, 1e6) }] });
  await assert.rejects(
    fit,
    (error: unknown) =>
      error instanceof OnecycleError &&
      error.code === 'diverged' &&
      error.message.includes(`iteration ${learn.iterationsDone - 1} `),
  );
  assert.ok(!Number.isFinite(learn.recorder.batches.at(-1)!.raw_loss));
  learn.dispose();
});

/** What one step of plain SGD at rate 1 takes off the parameters: the gradient as it is applied. */
async function gradient(names: { name: string; [argument: string]: unknown }[]): Promise<number[]> {
  const { step } = makeCallbacks(names);
  const learn = synthLearner({ optimizer: sgd, trainRows: 16, shuffle: false, step });
  const before = structuredClone(learn.parameterValues())
    .map((values) => [...values])
    .flat();
  setLr(learn, 1);
  await learn.fit(1);
  const after = learn
    .parameterValues()
    .map((values) => [...values])
    .flat();
  learn.dispose();
  return before.map((value, i) => value - after[i]);
}
const norm = (values: number[], type = 2) =>
  values.reduce((sum, value) => sum + Math.abs(value) ** type, 0) ** (1 / type);
const near = (found: number[], expected: number[], eps = 1e-5) =>
  found.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]) < eps, `${found.join(' ')}, expected ${expected.join(' ')}`),
  );

test('gradient clipping scales all by one factor where their norm is too large, and else leaves them', async () => {
  const plain = await gradient([]);
  assert.ok(norm(plain) > 1);
  near(
    await gradient([{ name: 'gradient_clip' }]),
    plain.map((value) => value / norm(plain)),
  );
  near(
    await gradient([{ name: 'gradient_clip', max_norm: 0.5, norm_type: 1 }]),
    plain.map((value) => (value * 0.5) / norm(plain, 1)),
  );
  near(await gradient([{ name: 'gradient_clip', max_norm: 1000 }]), plain);
});

test('clipping by value cuts each element, after the norm where both are asked for', async () => {
  const plain = await gradient([]);
  const cut = (values: number[], at: number) => values.map((value) => Math.max(-at, Math.min(at, value)));
  near(await gradient([{ name: 'gradient_clip_value', clip_value: 0.1 }]), cut(plain, 0.1));
  near(
    await gradient([
      { name: 'gradient_clip_value', clip_value: 0.8 },
      { name: 'gradient_clip', max_norm: 1 },
    ]),
    cut(
      plain.map((value) => value / norm(plain)),
      0.8,
    ),
  );
});

async function trained(batchSize: number, optimizer: string, nAcc?: number): Promise<Float32Array[]> {
  const { callbacks, step } = makeCallbacks(nAcc === undefined ? [] : [{ name: 'gradient_accumulation', n_acc: nAcc }]);
  const learn = synthLearner({
    batchSize,
    shuffle: false,
    optimizer: completeOptimizer({ name: optimizer as 'adam' }),
    callbacks,
    step,
  });
  setLr(learn, 0.05);
  await learn.fit(2);
  const values = structuredClone(learn.parameterValues());
  learn.dispose();
  return values;
}

for (const optimizer of ['sgd', 'adam', 'lamb']) {
  test(`accumulated gradients are those of the larger batch: ${optimizer}`, async () => {
    const [large, accumulated] = [await trained(32, optimizer), await trained(8, optimizer, 32)];
    large.forEach((values, i) => near([...accumulated[i]], [...values]));
    assert.notDeepEqual(await trained(8, optimizer), accumulated);
  });
}

test('a batch counts by its rows: steps come once `n_acc` are seen; after the fit each batch steps again', async () => {
  const learn = synthLearner({
    trainRows: 40,
    batchSize: 16,
    dropLast: false,
    shuffle: false,
    step: { accumulate: true },
  });
  const applied: boolean[] = [];
  const look: Callback = { name: 'look', runValid: false, after_batch: () => void applied.push(learn.step.apply) };
  await learn.fit(2, { callbacks: [new GradientAccumulation({ n_acc: 32 }), look] });
  assert.deepEqual(applied, [false, true, false, false, true, false]); // 16, 32 → step; 8, 24, 40 → step; 8
  const before = structuredClone(learn.parameterValues());
  await learn.fit(1, { callbacks: [look, new ParamScheduler({ lr: [() => 0.1] }, 3)] });
  assert.deepEqual(applied.slice(6), [true, true, true]);
  assert.notDeepEqual(learn.parameterValues(), before);
  learn.dispose();
});

test('what watches epochs has no say in a finder', async () => {
  const learn = synthLearner({ callbacks: [new EarlyStopping({}), new SaveBest({}), new ReduceLROnPlateau({})] });
  const alone = synthLearner();
  assert.deepEqual(await lrFind(learn), await lrFind(alone));
  assert.ok(learn.recorder.epochs.length > 1, 'it went through several epochs');
  for (const each of [learn, alone]) each.dispose();
});

test('callbacks are made by their names; an unknown one is refused with those there are', () => {
  const counting = customCallback('count_to', {
    create: ({ n }) => ({ callback: { name: 'count_to', state: () => ({ counted: countTo(Number(n)) }) } }),
  });
  const own = new Map([['count_to', counting]]);
  const { callbacks: made, step } = makeCallbacks([{ name: 'count_to', n: 2 }, { name: 'gradient_clip' }], { own });
  assert.deepEqual(
    made.map((callback) => callback.state?.()),
    [{ counted: [0, 1] }],
  );
  assert.deepEqual(step, { clipNorm: { max: 1, type: 2 } });
  assert.throws(() => makeCallbacks([{ name: 'cutmix' }], { own }), /cutmix.*early_stopping.*count_to/);
});

test('in a finder act those that say so, and who sees to losses that are no number says that', () => {
  const create = () => ({ callback: { name: 'mine' } });
  const own = new Map([
    ['mine', customCallback('mine', { create })],
    ['everywhere', customCallback('everywhere', { create, inFinder: true, handlesNaN: true })],
  ]);
  const made = (finder: boolean, ...names: string[]) => {
    const { callbacks, step, handlesNaN } = makeCallbacks(
      names.map((name) => ({ name, clip_value: 1 })),
      { finder, own },
    );
    return [callbacks.length, Object.keys(step), handlesNaN];
  };
  const builtIn = callbacks.map(({ name }) => name);
  assert.deepEqual(made(false, ...builtIn), [5, ['clipNorm', 'clipValue', 'accumulate', 'mixup'], true]);
  assert.deepEqual(made(true, ...builtIn), [1, ['clipNorm', 'clipValue', 'accumulate', 'mixup'], false]);
  assert.deepEqual(made(false, 'save_best', 'mine'), [2, [], false]);
  assert.deepEqual(made(true, 'mine'), [0, [], false]);
  assert.deepEqual(made(true, 'everywhere'), [1, [], true]);
});

test('a callback made by name is the one that its class makes with its own defaults', () => {
  const made = makeCallbacks([
    { name: 'early_stopping' },
    { name: 'reduce_lr_on_plateau' },
    { name: 'gradient_accumulation' },
  ]);
  assert.deepEqual(made.callbacks, [new EarlyStopping(), new ReduceLROnPlateau(), new GradientAccumulation()]);
});
