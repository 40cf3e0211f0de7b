/** Metrics, losses and MixUp give what fastai, scikit-learn and PyTorch give: data/objectives.py has made the file. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Batch, Target } from '../../src/data/index.js';
import { loadEngine, type Tensor } from '../../src/engine/index.js';
import { lossTarget, makeLoss, type LossSpec } from '../../src/learner/losses/index.js';
import { namedMetric, type MetricSpec } from '../../src/learner/metrics/index.js';
import { Meters } from '../../src/learner/metrics/meters.js';
import { mixedLoss } from '../../src/learner/mixup.js';
import { Comparison, type Measure } from './compare.js';

type Rows = number[] | number[][];

interface Golden {
  metrics: { outputs: number[][]; targets: Rows; metrics: { spec: MetricSpec; value: number | number[][] }[] }[];
  losses: { spec: LossSpec; outputs: number[][]; targets: Rows; loss: number; gradient: number[][] }[];
  mixup: {
    spec: LossSpec;
    x: number[][];
    y: Rows;
    kernel: number[][];
    share: number[];
    partner: number[];
    mixed: number[][];
    loss: number;
    gradient: number[][];
  }[];
}

const file = new URL('../../../test/golden/data/objectives.json', import.meta.url);
const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden;
const engine = await loadEngine({ name: 'tensorflow' });
const { tf } = engine;

const flatten = (rows: Rows): number[] => rows.flat();
const textOf = (spec: unknown): string => (typeof spec === 'string' ? spec : JSON.stringify(spec));

/** Batches of unequal sizes: what is summed up does not depend on how the rows are cut. */
function* batches(outputs: number[][], targets: Rows): Generator<[Float32Array, Batch]> {
  for (let from = 0, size = 1; from < outputs.length; from += size++) {
    const part = outputs.slice(from, from + size);
    const y = flatten(targets.slice(from, from + size));
    const isClasses = !Array.isArray(targets[0]) && y.every(Number.isInteger);
    yield [
      Float32Array.from(part.flat()),
      { rows: part.length, x: new Float32Array(0), y: isClasses ? Int32Array.from(y) : Float32Array.from(y) },
    ];
  }
}

for (const { outputs, targets, metrics } of golden.metrics) {
  for (const { spec, value } of metrics) {
    test(`${textOf(spec)} of ${outputs.length} rows of ${outputs[0].length}`, () => {
      const meters = new Meters([spec]);
      for (const [output, batch] of batches(outputs, targets)) meters.update(output, batch);
      const { metrics: found, confusion_matrix } = meters.values();
      if (typeof value !== 'number') assert.deepEqual([found, confusion_matrix], [{}, value]);
      else {
        const { name } = namedMetric(spec);
        assert.deepEqual(Object.keys(found), [name]);
        assert.ok(Math.abs(found[name] - value) < 1e-6, `${found[name]}, expected ${value}`);
      }
    });
  }
}

/** The loss, and its gradient by one tensor. */
function differentiate(spec: LossSpec, by: number[][], y: Rows, loss: (by: Tensor, y: Tensor) => Tensor) {
  return tf.tidy(() => {
    const target = lossTarget(spec) === 'classes' ? tf.tensor1d(flatten(y), 'int32') : tf.tensor2d(y);
    const { value, grad } = tf.valueAndGrad((variable: Tensor) => loss(variable, target).asScalar())(tf.tensor2d(by));
    return { loss: value.dataSync()[0], gradient: [...grad.dataSync()] };
  });
}

function lossOf(spec: LossSpec, y: Rows, width: number) {
  const target: Target =
    lossTarget(spec) === 'classes' ? { kind: 'classes', classes: width } : { kind: 'values', outputs: width };
  const rows = Int32Array.from({ length: y.length }, (_, row) => row);
  return makeLoss(spec, { target, y: flatten(y), rows });
}

/** Relative to what is large, absolute of what is small: as float32 rounds. */
const rounded: Measure = (actual, expected) => Math.abs(actual - expected) / Math.max(1, Math.abs(expected));

function compare(found: { loss: number; gradient: number[] }, expected: { loss: number; gradient: number[][] }): void {
  const comparison = new Comparison();
  comparison.numbers('loss', [found.loss], [expected.loss], rounded, 1e-6);
  comparison.numbers('gradient', found.gradient, expected.gradient.flat(), rounded, 1e-6);
  assert.deepEqual(comparison.failures, []);
}

for (const { spec, outputs, targets, ...expected } of golden.losses) {
  test(`the loss ${textOf(spec)}: its value and its gradient`, () => {
    const loss = lossOf(spec, targets, outputs[0].length);
    compare(
      differentiate(spec, outputs, targets, (output, y) => loss.compute(engine, output, y)),
      expected,
    );
  });
}

for (const { spec, x, y, kernel, share, partner, mixed, ...expected } of golden.mixup) {
  test(`MixUp with the loss ${textOf(spec)}: blended rows, loss and gradient`, () => {
    const loss = lossOf(spec, y, kernel[0].length);
    const seen: number[] = [];
    const found = differentiate(spec, kernel, y, (weights, target) => {
      const batch = { x: tf.tensor2d(x), y: target, share: tf.tensor1d(share), partner: tf.tensor1d(partner, 'int32') };
      return mixedLoss(engine, loss, batch, (rows) => {
        seen.push(...rows.dataSync());
        return tf.matMul(rows, weights);
      });
    });
    compare(found, expected);
    const comparison = new Comparison();
    comparison.numbers('mixed', seen, mixed.flat(), rounded, 1e-6);
    assert.deepEqual(comparison.failures, []);
  });
}
