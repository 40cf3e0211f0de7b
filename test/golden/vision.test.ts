import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createNativeEngine } from '../../src/engine/native/index.js';
import { planModel, type ModelDescription } from '../../src/models/index.js';
import { product } from '../../src/numbers/nested.js';
import { root } from '../e2e/harness.js';
import { compareLogits, compareStep, type Golden, type GoldenStep } from './one-step.js';

type Case = (Golden | GoldenStep) & { model: ModelDescription & { body: string }; groups: number[] };

const engine = createNativeEngine();
const golden = JSON.parse(readFileSync(join(root, 'test', 'golden', 'data', 'vision.json'), 'utf8')) as Case[];

assert.deepEqual(
  golden.map(({ model }) => model.body),
  ['resnet18', 'resnet18', 'resnet34', 'resnet50', 'mobilenet_v2', 'xresnet34'],
);

describe("the models of fastai's vision_learner", () => {
  for (const [i, expected] of golden.entries()) {
    const { model, groups } = expected;
    const what = 'loss' in expected ? 'logits, gradients, statistics and a step' : 'logits';
    test(`${i + 1}: ${model.body}: ${what}, and parameter groups`, () => {
      const { x_shape, classes } = expected;
      const plan = planModel(model, { x_shape, target: { kind: 'classes', classes } });
      const sizes = plan.param_groups.map((group) =>
        plan.parameters
          .filter(({ layer, kind }) => group.includes(layer) && kind !== 'statistic')
          .reduce((sum, { shape }) => sum + product(shape), 0),
      );
      assert.deepEqual(sizes, groups);
      if ('loss' in expected) assert.deepEqual(compareStep(engine, model, expected), { name: 'compiled' });
      else compareLogits(engine, model, expected);
    });
  }
});
