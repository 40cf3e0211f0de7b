/**
 * One step of fastai's own xresnet, beside the preset on an engine. The weights are a formula's, in data/xresnet.py as
 * well.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine, Run } from '../../src/engine/index.js';
import { makeLoss } from '../../src/learner/losses/index.js';
import { ModelOnEngine } from '../../src/learner/model-on-engine.js';
import { planModel, tensorName, type ModelPlan } from '../../src/models/index.js';
import { product as sizeOf } from '../../src/numbers/nested.js';
import { completeOptimizer, Optimizer } from '../../src/optimizer/index.js';
import { root } from '../e2e/harness.js';

type Sums = [length: number, product: number][];

interface Golden {
  preset: string;
  seed: number;
  x_shape: number[];
  rows: number;
  classes: number;
  parameters: number;
  logits: number[][];
  loss: number;
  /** Two numbers a parameter: its gradient's length, and its product with a vector of random signs. */
  gradients: Sums;
  /** The same of each running mean and variance after the step. */
  statistics: Sums;
  logits_after_sgd: number[][];
}

const golden = JSON.parse(readFileSync(join(root, 'test', 'golden', 'data', 'xresnet.json'), 'utf8')) as Golden[];

export const presets = golden.map(({ preset }) => preset);

const streams = { images: 1000, labels: 1001, projection: 2000 };
const tolerance = 1e-4;

/**
 * Evaluates the preset, takes one step of SGD at a rate of 0.1, evaluates it again, and compares it all with what
 * fastai computed. Returns how the step ran.
 */
export function compareWithFastai(engine: Engine, preset: string): Run['mode'] | null {
  const expected = golden.find((each) => each.preset === preset)!;
  const { seed, x_shape, rows, classes } = expected;
  const target = { kind: 'classes', classes } as const;
  const model = planModel({ preset }, { x_shape, target });
  const trained = model.parameters.filter(({ kind }) => kind !== 'statistic');
  assert.equal(
    trained.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    expected.parameters,
  );

  const x = Float32Array.from(unit(rows * sizeOf(x_shape), streams.images, seed), (u) => 2 * u - 1);
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
  close('logits', [...run.evaluate(batch).output], expected.logits.flat());
  close('loss', [run.train(batch, { iteration: 0, apply: true, scale: 1 })], [expected.loss]);
  const values = run.read();
  const sumsOf = (prefix: string, kept: ModelPlan['parameters']) =>
    kept.map((parameter, index) => sums(values[run.names.indexOf(`${prefix}${tensorName(parameter)}`)], index));
  compareSums('gradient', trained, sumsOf('optimizer/grad_avg/', trained), expected.gradients);
  const statistics = model.parameters.filter(({ kind }) => kind === 'statistic');
  compareSums('statistics', statistics, sumsOf('', statistics), expected.statistics);
  close('logits after the step', [...run.evaluate(batch).output], expected.logits_after_sgd.flat());
  const { mode } = run;
  run.release();
  return mode;
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
    if (name === 'kernel') return from((u) => (2 * u - 1) * Math.sqrt(6 / sizeOf(shape.slice(0, -1))));
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
function compareSums(what: string, parameters: ModelPlan['parameters'], actual: Sums, expected: Sums): void {
  assert.equal(actual.length, expected.length);
  expected.forEach(([length, product], i) => {
    const apart = Math.max(Math.abs(actual[i][0] - length), Math.abs(actual[i][1] - product)) / length;
    assert.ok(
      apart <= tolerance,
      `${what} of ${tensorName(parameters[i])}: ${actual[i].join(', ')}, not ${length}, ${product}`,
    );
  });
}

function close(what: string, actual: number[], expected: number[]): void {
  assert.equal(actual.length, expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  expected.forEach((value, i) =>
    assert.ok(Math.abs(actual[i] - value) <= tolerance * largest, `${what}[${i}] is ${actual[i]}, not ${value}`),
  );
}
