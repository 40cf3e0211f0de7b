/**
 * The tests of fastai's page on `callback.schedule` (docs/fastai-parity.md), line by line and in its order, on a real
 * Learner and real TensorFlow.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  fineTune,
  fitFlatCos,
  fitOneCycle,
  fitSgdr,
  LRFinder,
  lrFind,
  ParamScheduler,
} from '../../src/learner/index.js';
import {
  combinedCos,
  combineScheds,
  SchedCos,
  SchedExp,
  SchedLin,
  SchedNo,
  SchedPoly,
  type Schedule,
} from '../../src/schedule/index.js';
import { cnnLearner, countTo, frozenCopy, synthLearner, trainLoss } from '../learner/learners.js';

const quarters = [0, 0.25, 0.5, 0.75, 1];

/** fastcore's `test_close`, whose default eps is 1e-5. */
function testClose(found: readonly number[], expected: readonly number[], eps = 1e-5): void {
  assert.equal(found.length, expected.length);
  found.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]) < eps, `${i}: ${value}, expected ${expected[i]}`),
  );
}

test('SchedLin', () => assert.deepEqual(quarters.map(SchedLin(0, 2)), [0, 0.5, 1, 1.5, 2]));
test('SchedCos', () => testClose(quarters.map(SchedCos(0, 2)), [0, 0.29289, 1, 1.70711, 2]));
test('SchedNo', () => testClose(quarters.map(SchedNo(0, 2)), [0, 0, 0, 0, 0]));
test('SchedExp', () => testClose(quarters.map(SchedExp(1, 2)), [1, 1.18921, 1.41421, 1.68179, 2]));
test('SchedPoly', () => testClose(quarters.map(SchedPoly(0, 2, 2)), [0, 0.125, 0.5, 1.125, 2]));

test('the compositions that the page plots', () => {
  const p = countTo(100).map((i) => i / 99);
  const ends = (schedule: Schedule) => [schedule(0), schedule(1)];
  const [lin, cos] = [SchedLin(0, 1), SchedCos(1, 0)];
  testClose(ends(combineScheds([0.3, 0.7], [SchedCos(0.3, 0.6), SchedCos(0.6, 0.2)])), [0.3, 0.2]);
  testClose(
    p.map(combineScheds([0.3, 0.2, 0.5], [lin, SchedNo(1, 1), cos])),
    p.map((x) => (x < 0.3 ? x / 0.3 : x < 0.5 ? 1 : cos((x - 0.5) / 0.5))),
  );
  testClose(quarters.map(combinedCos(0.25, 0.5, 1, 0)), [0.5, 1, 0.75, 0.25, 0]);
});

test('ParamScheduler: the rates of an epoch', async () => {
  const learn = synthLearner();
  const n = learn.options.data.train.batches;
  await learn.fit(1, { callbacks: [new ParamScheduler({ lr: [SchedLin(1e-3, 1e-2)] }, n)] });
  testClose(
    learn.recorder.lrs,
    countTo(n).map((i) => 1e-3 + ((1e-2 - 1e-3) * i) / n),
  );
  learn.dispose();
});

test('fit_one_cycle: the loss falls', async () => {
  const learn = synthLearner({ lr: 1e-2 });
  const before = trainLoss(learn);
  await fitOneCycle(learn, { n_epoch: 2 });
  assert.ok(trainLoss(learn) < before);

  const { batches } = learn.recorder;
  testClose(
    learn.recorder.lrs,
    countTo(20).map((i) => combinedCos(0.25, 1e-2 / 25, 1e-2, 1e-7)(i / 20)),
  );
  testClose(
    batches.map(({ hypers }) => hypers.mom.at(-1)!),
    countTo(20).map((i) => combinedCos(0.25, 0.95, 0.85, 0.95)(i / 20)),
  );
  learn.dispose();
});

test('fit_flat_cos: flat for three quarters, then down', async () => {
  const learn = synthLearner();
  await fitFlatCos(learn, { n_epoch: 2 });
  testClose(
    learn.recorder.lrs,
    countTo(20).map((i) => combinedCos(0.75, 1e-3, 1e-3, 1e-8)(i / 20)),
    1e-12,
  );
  learn.dispose();
});

test('fit_sgdr: seven epochs, a cosine from the Learner’s rate a cycle', async () => {
  const learn = synthLearner();
  await fitSgdr(learn, { n_cycles: 3, cycle_len: 1 });
  assert.equal(learn.nEpoch, 7);
  const iters = [0, 1, 3, 7].map((k) => k * learn.options.data.train.batches);
  for (const i of countTo(3)) {
    const n = iters[i + 1] - iters[i];
    // The page begins at the second batch, as fastai's float32 misses the first; here that is right too.
    testClose(
      learn.recorder.lrs.slice(iters[i], iters[i + 1]),
      countTo(n).map((k) => SchedCos(1e-3, 0)(k / n)),
      1e-12,
    );
  }
  learn.dispose();
});

test('fine_tune runs on a model of one group too: an epoch frozen, an epoch not', async () => {
  const learn = synthLearner();
  const before = trainLoss(learn);
  await fineTune(learn, { epochs: 1 });
  assert.deepEqual(
    learn.recorder.epochs.map(({ phase }) => phase),
    [0, 1],
  );
  assert.ok(trainLoss(learn) < before);
  learn.dispose();
});

test('lr_find leaves the optimizer’s averages as they were, once and again', async () => {
  const learn = cnnLearner();
  await learn.fit(1);
  const before = frozenCopy(learn.snapshot());
  assert.ok(
    before.values.at(-2)!.some((value) => value !== 0),
    'Adam has averages',
  );
  await lrFind(learn);
  assert.deepEqual(learn.snapshot(), before);
  await lrFind(learn);
  assert.deepEqual(learn.snapshot(), before);
  learn.dispose();
});

test('LRFinder', async () => {
  const learn = synthLearner();
  const [a, b] = structuredClone(learn.parameterValues());
  const { values: fresh } = frozenCopy(learn.snapshot());
  await learn.fit(20, { callbacks: [new LRFinder([SchedExp(1e-7, 10)], 100, true)] });
  const { lrs, losses, epochs } = learn.recorder;
  assert.ok(lrs.length <= 100);
  assert.equal(lrs.length, losses.length);
  // It stops where the loss diverges
  if (lrs.length < 100) assert.ok(losses.at(-1)! > 4 * Math.min(...losses));
  // The schedule
  assert.deepEqual(
    lrs,
    lrs.map((_, i) => SchedExp(1e-7, 10)(i / 100)),
  );
  // No validation
  assert.ok(epochs.every(({ valid_loss, metrics }) => valid_loss === null && Object.keys(metrics).length === 0));
  // The model is back, and the optimizer has seen nothing
  assert.deepEqual(learn.parameterValues(), [a, b]);
  assert.deepEqual(learn.snapshot().values, fresh);
  assert.ok(learn.optimizer.state().steps.every((step) => step === 0));
  learn.dispose();
});

test('LRFinder stops where the loss diverges, and with stop_div off it goes on', async () => {
  const learn = synthLearner();
  const found = await lrFind(learn, { end_lr: 1000 });
  assert.equal(found.stopped, 'diverged');
  assert.ok(found.lrs.length < 100);
  assert.ok(found.losses.at(-1)! > 4 * Math.min(...found.losses));
  const whole = await lrFind(learn, { end_lr: 1000, stop_div: false });
  assert.deepEqual([whole.stopped, whole.lrs.length], ['num_it', 100]);
  learn.dispose();
});

test('lr_find leaves the weights, and suggests the pair lr_min and lr_steep', async () => {
  const learn = synthLearner();
  const before = structuredClone(learn.parameterValues());
  const { suggestions } = await lrFind(learn);
  assert.deepEqual(learn.parameterValues(), before);
  const { lr_min, lr_steep } = suggestions;
  assert.ok(typeof lr_min === 'number' && typeof lr_steep === 'number');
  assert.ok(
    lr_min > 1e-7 && lr_min < 1 && lr_steep > 1e-7 && lr_steep < 10,
    `Minimum/10: ${lr_min}, steepest point: ${lr_steep}`,
  );
  learn.dispose();
});
