// @ts-check
/**
 * fastai's page on `callback.schedule`, cell by cell and in its order, with what its cells assert. The plots are written
 * as SVG to a folder: the first argument, or a temporary one.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { Learner, LRFinder, ParamScheduler } from 'onecycle/learner';
import {
  combinedCos,
  combineScheds,
  plotSchedules,
  SchedCos,
  SchedExp,
  SchedLin,
  SchedNo,
  SchedPoly,
} from 'onecycle/schedule';

const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'callback-schedule-'));
mkdirSync(folder, { recursive: true });

/** @param {string} name @param {string} svg */
const show = (name, svg) => writeFileSync(join(folder, `${name}.svg`), svg);

/** @param {number} n */
const range = (n) => Array.from({ length: n }, (_, i) => i);

/** fastcore's test_close. @param {readonly number[]} found @param {readonly number[]} expected */
function testClose(found, expected, eps = 1e-5) {
  assert.equal(found.length, expected.length);
  found.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < eps, `${i}: ${value}, not ${expected[i]}`));
}

/** fastai's synth_learner: y = 2x + 3 and noise, in 10 batches of 16 and 2 to validate. */
const synthLearner = ({ lr = 1e-3 } = {}) =>
  Learner.create({
    data: 'synthetic',
    model: 'linear',
    split: { train_rows: 160 },
    batchSize: 16,
    optimizer: { name: 'sgd', mom: 0.9 },
    metrics: [],
    lr,
  });

// ## Annealing

show(
  'annealings',
  await plotSchedules({
    NO: SchedNo(2, 1e-2),
    LINEAR: SchedLin(2, 1e-2),
    COS: SchedCos(2, 1e-2),
    EXP: SchedExp(2, 1e-2),
    'POLY(0.5)': SchedPoly(2, 1e-2, 0.5),
  }),
);

const quarters = [0, 0.25, 0.5, 0.75, 1];
assert.deepEqual(quarters.map(SchedLin(0, 2)), [0, 0.5, 1, 1.5, 2]);
testClose(quarters.map(SchedCos(0, 2)), [0, 0.29289, 1, 1.70711, 2]);
testClose(quarters.map(SchedNo(0, 2)), [0, 0, 0, 0, 0]);
testClose(quarters.map(SchedExp(1, 2)), [1, 1.18921, 1.41421, 1.68179, 2]);
testClose(quarters.map(SchedPoly(0, 2, 2)), [0, 0.125, 0.5, 1.125, 2]);

const powers = Object.fromEntries([0.5, 1, 2].map((power) => [`power ${power}`, SchedPoly(2, 0, power)]));
show('powers', await plotSchedules(powers));

const two = combineScheds([0.3, 0.7], [SchedCos(0.3, 0.6), SchedCos(0.6, 0.2)]);
show('combine_scheds', await plotSchedules({ two }));
testClose([two(0), two(0.3), two(1)], [0.3, 0.6, 0.2]);
const three = combineScheds([0.3, 0.2, 0.5], [SchedLin(0, 1), SchedNo(1, 1), SchedCos(1, 0)]);
show('combine_scheds_3', await plotSchedules({ three }));
testClose([three(0), three(0.15), three(0.4), three(0.75), three(1)], [0, 0.5, 1, 0.5, 0]);
const cos = combinedCos(0.25, 0.5, 1, 0);
show('combined_cos', await plotSchedules({ combined_cos: cos }));
testClose(quarters.map(cos), [0.5, 1, 0.75, 0.25, 0]);

// ## ParamScheduler

{
  const learn = await synthLearner();
  await learn.fit(1, { callbacks: [new ParamScheduler({ lr: SchedLin(1e-3, 1e-2) })] });
  const n = learn.batchesPerEpoch;
  testClose(
    learn.recorder.hps.lr,
    range(n).map((i) => 1e-3 + ((1e-2 - 1e-3) * i) / n),
  );
  learn.dispose();
}

// ## Learner.fit_one_cycle

{
  const learn = await synthLearner({ lr: 1e-2 });
  const { loss: before } = await learn.validate();
  await learn.fitOneCycle(2);
  const { loss: after } = await learn.validate();
  assert.ok(after < before);
  testClose(
    learn.recorder.hps.lr,
    range(20).map((i) => combinedCos(0.25, 1e-2 / 25, 1e-2, 1e-7)(i / 20)),
  );
  testClose(
    learn.recorder.hps.mom,
    range(20).map((i) => combinedCos(0.25, 0.95, 0.85, 0.95)(i / 20)),
  );
  show('fit_one_cycle', await learn.recorder.plotSched());
  show('loss', await learn.recorder.plotLoss());
  learn.dispose();
}

// ## Learner.fit_flat_cos

{
  const learn = await synthLearner();
  await learn.fitFlatCos(2);
  show('fit_flat_cos', await learn.recorder.plotSched());
  learn.dispose();
}

// ## Learner.fit_sgdr

{
  const learn = await synthLearner();
  await learn.noLogging(() => learn.fitSgdr(3, 1));
  assert.equal(learn.nEpoch, 7);
  const iters = [0, 1, 3, 7].map((k) => k * learn.batchesPerEpoch);
  for (const i of range(3)) {
    const n = iters[i + 1] - iters[i];
    // The page leaves out each cycle's first batch, which fastai's rounding may miss; it is right here.
    testClose(
      learn.recorder.lrs.slice(iters[i], iters[i + 1]),
      range(n).map((k) => SchedCos(1e-3, 0)(k / n)),
    );
  }
  show('fit_sgdr', await learn.recorder.plotSched());
  learn.dispose();
}

// ## Learner.fine_tune

{
  const learn = await synthLearner();
  await learn.fineTune(1);
  assert.equal(learn.recorder.values.length, 2); // an epoch frozen, an epoch not
  learn.dispose();
}

// ## LRFinder: the pets, drawn; a cat's file begins with a capital letter

{
  const images = join(folder, 'images');
  mkdirSync(images, { recursive: true });
  for (const i of range(24)) {
    const cat = i % 2 === 0;
    const colour = { r: cat ? 200 : 60, g: 120, b: cat ? 60 : 200 };
    const picture = sharp({ create: { width: 40 + i, height: 48, channels: 3, background: colour } });
    await picture.jpeg().toFile(join(images, `${cat ? 'Abyssinian' : 'beagle'}_${i}.jpg`));
  }
  const learn = await Learner.create({
    data: { path: images, label: { upper: true }, item_tfms: [{ name: 'resize', size: 32 }] }, // the page: 224
    model: { preset: 'vision', body: 'resnet18', pretrained: false, lin_ftrs: [16] },
    split: { valid_pct: 0.2, seed: 99 },
    batchSize: 8,
    seed: 99,
  });
  await learn.fit(1);
  // As the page's `learn.opt.state_dict()['state'][1]['grad_avg']`: Adam's averages of every parameter.
  const averages = () => structuredClone(learn.snapshot().values.slice(learn.parameterValues().length));
  const before = averages();
  assert.ok(before.some((values) => values.some((value) => value !== 0)));
  await learn.lrFind({ numIt: 6 }); // the page: 100
  assert.deepEqual(averages(), before);
  await learn.lrFind({ numIt: 6 });
  assert.deepEqual(averages(), before);
  learn.dispose();
}

{
  const learn = await synthLearner();
  const init = structuredClone(learn.parameterValues());
  await learn.noLogging(() => learn.fit(20, { callbacks: [new LRFinder({ numIt: 100 })] }));
  const { lrs, losses, values } = learn.recorder;
  assert.ok(lrs.length <= 100);
  assert.equal(lrs.length, losses.length);
  // It stops where the loss diverges
  if (lrs.length < 100) assert.ok(/** @type {number} */ (losses.at(-1)) > 4 * Math.min(...losses));
  // The schedule
  assert.deepEqual(
    lrs,
    lrs.map((_, i) => SchedExp(1e-7, 10)(i / 100)),
  );
  // No validation
  assert.deepEqual(
    values.map((row) => row.length),
    values.map(() => 1),
  );
  // The model is back, and the optimizer has seen nothing
  assert.deepEqual(learn.parameterValues(), init);
  assert.ok(learn.optimizer.state().steps.every((step) => step === 0));
  learn.dispose();
}

// ## Learner.lr_find

{
  const learn = await synthLearner();
  const before = structuredClone(learn.parameterValues());
  const { lr_min, lr_steep } = await learn.lrFind();
  assert.deepEqual(learn.parameterValues(), before);
  console.log(`Minimum/10: ${lr_min?.toExponential(2)}, steepest point: ${lr_steep?.toExponential(2)}`);
  show('lr_find', await learn.recorder.plotLrFind());
  learn.dispose();
}

console.log(`All cells hold. The plots are in ${folder}`);
