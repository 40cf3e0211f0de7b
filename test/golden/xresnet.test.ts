import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNativeEngine } from '../../src/engine/native/index.js';
import { compareWithFastai, presets } from './one-step.js';

const engine = createNativeEngine();

assert.deepEqual(presets, ['xresnet18', 'xresnet50']);
for (const preset of presets) {
  test(`${preset}, compiled: logits, gradients, statistics and a step as fastai’s`, () =>
    assert.deepEqual(compareWithFastai(engine, preset), { name: 'compiled' }));
}
