/**
 * One step of a model of fastai's own, beside the preset on an engine. The weights are a formula's, in data/formula.py
 * as well.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine, Run } from '../../src/engine/index.js';
import { makeLoss } from '../../src/learner/losses/index.js';
import { ModelOnEngine } from '../../src/learner/model-on-engine.js';
import { planModel, tensorName, type ModelDescription, type ModelPlan } from '../../src/models/index.js';
import { product as sizeOf } from '../../src/numbers/nested.js';
import { completeOptimizer, Optimizer } from '../../src/optimizer/index.js';
import { root } from '../e2e/harness.js';

type Sums = [length: number, product: number][];

/** What PyTorch has computed of a model, evaluation alone or a step as well. */
export interface Golden {
  seed: number;
  x_shape: number[];
  rows: number;
  classes: number;
  logits: number[][];
}

/** With a step. */
export interface GoldenStep extends Golden {
  parameters: number;
  loss: number;
  /** Two numbers a parameter: its gradient's length, and its product with a vector of random signs. */
  gradients: Sums;
  /** The same of each running mean and variance after the step. */
  statistics: Sums;
  logits_after_sgd: number[][];
}

const golden = JSON.parse(readFileSync(join(root, 'test', 'golden', 'data', 'xresnet.json'), 'utf8')) as (GoldenStep & {
  preset: string;
})[];

export const presets = golden.map(({ preset }) => preset);

const streams = { images: 1000, labels: 1001, projection: 2000 };
const tolerance = 1e-4;
/**
 * Where rounding grows: in a ResNet-18's first gradients on a card, which sums in other orders (1.05e-4 on an H200), and in
 * its logits after a step at such a rate, tens of millions (1.1e-4 on an Intel Xeon).
 */
const toleranceOfGrown = 2e-4;

export function compareWithFastai(engine: Engine, preset: string): Run['mode'] | null {
  return compareStep(
    engine,
    { preset },
    golden.find((each) => each.preset === preset)!,
  );
}

/**
 * Evaluates a model, takes one step of SGD at a rate of 0.1, evaluates it again, and compares it all with what
 * fastai computed. Returns how the step ran.
 */
export function compareStep(engine: Engine, described: ModelDescription, expected: GoldenStep): Run['mode'] | null {
  const { model, run, batch } = start(engine, described, expected);
  const trained = model.parameters.filter(({ kind }) => kind !== 'statistic');
  assert.equal(
    trained.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    expected.parameters,
  );

  close('logits', [...run.evaluate(batch).output], expected.logits.flat());
  close('loss', [run.train(batch, { iteration: 0, apply: true, scale: 1 })], [expected.loss]);
  const values = run.read();
  const sumsOf = (prefix: string, kept: ModelPlan['parameters']) =>
    kept.map((parameter, index) => sums(values[run.names.indexOf(`${prefix}${tensorName(parameter)}`)], index));
  const allowed = engine.device.startsWith('cpu') ? tolerance : toleranceOfGrown;
  compareSums('gradient', trained, sumsOf('optimizer/grad_avg/', trained), expected.gradients, allowed);
  const statistics = model.parameters.filter(({ kind }) => kind === 'statistic');
  compareSums('statistics', statistics, sumsOf('', statistics), expected.statistics);
  close('logits after the step', [...run.evaluate(batch).output], expected.logits_after_sgd.flat(), toleranceOfGrown);
  const { mode } = run;
  run.release();
  return mode;
}

/** Evaluates a model, and compares its answer with what PyTorch computed. Returns its plan. */
export function compareLogits(engine: Engine, described: ModelDescription, expected: Golden): ModelPlan {
  const { model, run, batch } = start(engine, described, expected);
  close('logits', [...run.evaluate(batch).output], expected.logits.flat());
  run.release();
  return model;
}

/** The pictures of a golden case. */
export const picturesOf = ({ seed, rows, x_shape }: Pick<Golden, 'seed' | 'rows' | 'x_shape'>): Float32Array =>
  Float32Array.from(unit(rows * sizeOf(x_shape), streams.images, seed), (u) => 2 * u - 1);

function start(engine: Engine, described: ModelDescription, { seed, x_shape, rows, classes }: Golden) {
  const target = { kind: 'classes', classes } as const;
  const model = planModel(described, { x_shape, target });
  const trained = model.parameters.filter(({ kind }) => kind !== 'statistic');
  const x = picturesOf({ seed, rows, x_shape });
  const y = Int32Array.from(unit(rows, streams.labels, seed), (u) => Math.floor(u * classes));
  const groups = trained.map(({ kind }) => ({ group: 0, decays: kind === 'weight', forceTrain: false }));
  // At a momentum of 0 what the optimizer keeps is the gradient itself.
  const optimizer = new Optimizer(completeOptimizer({ name: 'sgd', mom: 0.5, wd: 0 }), groups, 1, 0.1);
  optimizer.setHyper('mom', [0]);
  const run = new ModelOnEngine(
    {
      engine,
      model,
      loss: makeLoss('cross_entropy', { target, y, rows: new Int32Array(0) }),
      optimizer,
      data: { x, target },
      sizes: { train: [rows], valid: [rows] },
      options: {},
      seed,
    },
    startingWeights(model, seed),
  );
  const batch = { rows, x, y };
  return { model, run, batch };
}

/** lowbias32: a bijection of 32-bit integers that looks random. */
function scramble(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** `count` numbers in [0, 1): a function of seed, stream and index. */
function unit(count: number, stream: number, seed: number): Float64Array {
  const start = scramble(scramble(seed) + stream);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = scramble((start + i) | 0) / 2 ** 32;
  return values;
}

/** Every parameter away from its start: so no gradient is zero, and evaluation is not what training is. */
function startingWeights(model: ModelPlan, seed: number): Float32Array[] {
  return model.parameters.map(({ layer, name, shape }, index) => {
    const spec = model.layers[layer];
    const from = (value: (u: number) => number) => new Float32Array(unit(sizeOf(shape), index, seed).map(value));
    // Of a depthwise kernel each output sees one channel.
    const fanIn = sizeOf(spec.type === 'depthwise_conv2d' ? shape.slice(0, 2) : shape.slice(0, -1));
    if (name === 'kernel') return from((u) => (2 * u - 1) * Math.sqrt(6 / fanIn));
    if (name === 'gamma' && 'zero_gamma' in spec) return from((u) => 0.1 + 0.1 * u);
    if (name === 'gamma' || name === 'moving_variance') return from((u) => 0.5 + u);
    return from((u) => 0.2 * (u - 0.5));
  });
}

function sums(values: Float32Array, index: number): Sums[number] {
  const signs = unit(values.length, streams.projection + index, 1);
  let [squares, product] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    squares += values[i] ** 2;
    product += signs[i] < 0.5 ? -values[i] : values[i];
  }
  return [Math.sqrt(squares), product];
}

/** Of a tensor's two sums the product may be nearly 0: it is held to the tensor's length. */
function compareSums(
  what: string,
  parameters: ModelPlan['parameters'],
  actual: Sums,
  expected: Sums,
  allowed = tolerance,
): void {
  assert.equal(actual.length, expected.length);
  const noise = 1e-3 * Math.max(...expected.map(([length]) => length));
  expected.forEach(([length, product], i) => {
    // A gradient may be nothing but rounding: that of an offset which batch norm takes away again.
    const scale = Math.max(length, noise);
    const apart = Math.max(Math.abs(actual[i][0] - length), Math.abs(actual[i][1] - product)) / scale;
    assert.ok(
      apart <= allowed,
      `${what} of ${tensorName(parameters[i])}: ${actual[i].join(', ')}, not ${length}, ${product}`,
    );
  });
}

export function close(what: string, actual: number[], expected: number[], allowed = tolerance): void {
  assert.equal(actual.length, expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  expected.forEach((value, i) =>
    assert.ok(Math.abs(actual[i] - value) <= allowed * largest, `${what}[${i}] is ${actual[i]}, not ${value}`),
  );
}
