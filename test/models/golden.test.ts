/** The models of real fastai runs: their layers' shapes, their parameters, their weights, as PyTorch had them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInline } from '../../src/data/index.js';
import { initialWeights, planModel, withGiven, type NestedNumbers } from '../../src/models/index.js';
import { shapeOf } from '../../src/numbers/nested.js';
import { readTrajectory, trajectoryFiles } from '../golden/trajectory.js';

const numbersOf = (value: NestedNumbers): number[] => (typeof value === 'number' ? [value] : value.flatMap(numbersOf));

for (const file of trajectoryFiles()) {
  test(`${file}: data, shapes and weights fit together`, () => {
    const { x, y, loss, layers, weights_before, param_groups_by_layer, runs } = readTrajectory(file);
    const { x_shape, target, rows } = parseInline({ x, y }, loss.startsWith('mse') ? 'values' : 'classes');
    assert.equal(rows, x.length);
    assert.deepEqual(x_shape, shapeOf(x).slice(1));

    const plan = planModel(
      { layers, param_groups: param_groups_by_layer, weights: weights_before },
      { x_shape, target },
    );
    assert.deepEqual(
      plan.parameters.map(({ layer, name, shape }) => ({ layer, name, shape })),
      weights_before.map(({ layer, name, value }) => ({ layer, name, shape: shapeOf(value) })),
    );
    const lastGroup = plan.param_groups.at(-1);
    assert.equal(lastGroup?.at(-1), layers.length - 1);

    for (const given of [
      weights_before,
      ...runs.flatMap((run) => ('weights_after' in run ? [run.weights_after] : [])),
    ]) {
      const weights = withGiven(plan, initialWeights(plan, 1), given);
      given.forEach(({ value }, i) => assert.deepEqual(weights[i], Float32Array.from(numbersOf(value))));
    }
  });
}
