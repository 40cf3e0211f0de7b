import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { completeOptimizer } from '../../src/optimizer/index.js';
import { problemsOf } from '../../src/schema/check.js';
import { resolveSpec } from '../../src/request/resolve.js';
import { JobRequest } from '../../src/request/body.js';

const golden = new URL('../../../test/golden/data/', import.meta.url);
const request = (more: object = {}): JobRequest => {
  const body = {
    policy: { name: 'fit_one_cycle', n_epoch: 1 },
    dataset: { builtin: 'digits' },
    model: { preset: 'mlp' },
    ...more,
  };
  assert.deepEqual(problemsOf(JobRequest, body), []);
  return body as JobRequest;
};

test('every default is filled in', () => {
  assert.deepEqual(resolveSpec(request()), {
    type: 'fit',
    files: {},
    spec: {
      policy: { name: 'fit_one_cycle', n_epoch: 1 },
      dataset: { builtin: 'digits' },
      model: { preset: 'mlp' },
      batch_size: 64,
      shuffle: true,
      drop_last: true,
      seed: 42,
      split: { valid_pct: 0.2, seed: 42 },
      loss: 'cross_entropy',
      metrics: ['accuracy'],
      optimizer: { name: 'adam', mom: 0.9, sqr_mom: 0.99, eps: 1e-5, wd: 0.01, decouple_wd: true },
      train_bn: true,
      wd_bn_bias: false,
      callbacks: [],
      tags: {},
      max_attempts: 3,
      timeout_seconds: null,
      stall_seconds: 300,
      checkpoint_seconds: 30,
      keep_checkpoints: 2,
      priority: 0,
      device: 'auto',
    },
  });
});

test('the loss and the metrics follow the target, and a loss of values makes values of whole numbers', () => {
  const { spec } = resolveSpec(request({ dataset: { builtin: 'diabetes' } }));
  assert.deepEqual([spec.loss, spec.metrics], ['mse', ['mae']]);
  const inline = { x: [[1], [2]], y: [3, 4] };
  const values = resolveSpec(request({ dataset: { inline }, loss: 'mse', batch_size: 1, model: { preset: 'linear' } }));
  assert.deepEqual((values.spec.dataset as { inline: object }).inline, {
    rows: 2,
    x_shape: [1],
    target: { kind: 'values', outputs: 1 },
    sha256: (values.spec.dataset as { inline: { sha256: string } }).inline.sha256,
  });
});

test("callbacks take fastai's defaults", () => {
  const { callbacks } = resolveSpec(
    request({
      callbacks: [{ name: 'early_stopping', patience: 3 }, { name: 'reduce_lr_on_plateau' }, { name: 'gradient_clip' }],
    }),
  ).spec;
  assert.deepEqual(callbacks, [
    { name: 'early_stopping', monitor: 'valid_loss', min_delta: 0, patience: 3 },
    { name: 'reduce_lr_on_plateau', monitor: 'valid_loss', min_delta: 0, patience: 1, factor: 10, min_lr: 0 },
    { name: 'gradient_clip', max_norm: 1, norm_type: 2 },
  ]);
});

test('an optimizer by name and arguments', () => {
  assert.deepEqual(completeOptimizer({ name: 'sgd', mom: 0.9 }), { name: 'sgd', mom: 0.9, wd: 0, decouple_wd: true });
  assert.deepEqual(completeOptimizer({ name: 'adam', decouple_wd: false }).name, 'adam');
  assert.deepEqual(completeOptimizer({ name: 'lookahead', of: { name: 'lamb', wd: 0.1 }, k: 3 }), {
    name: 'lookahead',
    of: { name: 'lamb', mom: 0.9, sqr_mom: 0.99, eps: 1e-5, wd: 0.1, decouple_wd: true },
    k: 3,
    alpha: 0.5,
  });
});

test('a suggested rate: long form in the spec, and a finder with its arguments', () => {
  const body = request({
    policy: {
      name: 'fine_tune',
      epochs: 1,
      base_lr: { lr_find: { suggestion: 'steep', num_it: 50, stop_div: false } },
    },
  });
  const { spec, finder } = resolveSpec(body);
  assert.deepEqual(finder?.suggestion, 'steep');
  assert.deepEqual(finder.spec, { ...spec, policy: { name: 'lr_find', num_it: 50, stop_div: false } });
  const short = resolveSpec(request({ policy: { name: 'fit', n_epoch: 1, lr: { lr_find: 'valley' } } }));
  assert.deepEqual(short.spec.policy, { name: 'fit', n_epoch: 1, lr: { lr_find: { suggestion: 'valley' } } });
});

for (const file of readdirSync(golden).filter((name) => name.startsWith('trajectory_'))) {
  test(`${file} can be posted, word for word`, () => {
    const { x, y, layers, weights_before, param_groups_by_layer, ...run } = JSON.parse(
      readFileSync(new URL(file, golden), 'utf8'),
    ) as Golden;
    for (const { policy } of run.runs) {
      const body = request({
        policy,
        dataset: { inline: { x, y } },
        model: { layers, weights: weights_before, param_groups: param_groups_by_layer },
        batch_size: run.batch_size,
        split: { train_rows: run.train_rows },
        optimizer: run.optimizer,
        loss: run.loss.split(' ')[0],
        ...run.learner,
      });
      const { spec, files } = resolveSpec(body);
      assert.deepEqual(JSON.parse(files.weights!.toString()), weights_before);
      assert.deepEqual(spec.optimizer, { ...spec.optimizer, ...run.optimizer });
      assert.equal('param_groups' in spec.model, param_groups_by_layer !== 'one group');
    }
  });
}

interface Golden {
  x: unknown;
  y: unknown;
  layers: unknown;
  weights_before: unknown;
  param_groups_by_layer: unknown;
  batch_size: number;
  train_rows: number;
  optimizer: object;
  learner: object;
  loss: string;
  runs: { policy: object }[];
}
