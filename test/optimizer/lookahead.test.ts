/** Lookahead around Lookahead, which ranger is: each has its own slow weights and its own pace. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeOptimizer, fitOneCycle, loadState, stateFile } from '../../src/learner/index.js';
import { stepperOf } from '../../src/optimizer/index.js';
import { frozenCopy, synthLearner } from '../learner/learners.js';

const spec = completeOptimizer({ name: 'lookahead', k: 3, alpha: 0.8, of: { name: 'ranger', k: 2, alpha: 0.5 } });

test("a single Lookahead's slow weights are `slow`, as state files have them; the outer one's have a number", () => {
  const slots = (of: 'sgd' | 'ranger') =>
    stepperOf(completeOptimizer({ name: 'lookahead', of: { name: of } })).slots.map(({ name }) => name);
  assert.deepEqual(slots('sgd'), ['slow']);
  assert.deepEqual(slots('ranger'), ['grad_avg', 'sqr_avg', 'slow', 'slow_2']);
});

test('slow weights start as a copy of their parameter, averages at zero', () => {
  const parameter = Float32Array.of(1, -2);
  const starts = stepperOf(spec).slots.map(({ name, initial }) => [name, [...initial(parameter)]]);
  assert.deepEqual(starts, [
    ['grad_avg', [0, 0]],
    ['sqr_avg', [0, 0]],
    ['slow', [1, -2]],
    ['slow_2', [1, -2]],
  ]);
});

test('each goes its own pace', () => {
  const hypers = { lr: 0.1, mom: 0.9, sqr_mom: 0.99, eps: 1e-5, wd: 0 };
  const paces = [1, 2, 3, 4, 5, 6].map((count) => {
    const { pull, pull_2 } = stepperOf(spec).scalars(hypers, count, count);
    return [pull, pull_2];
  });
  assert.deepEqual(paces, [
    [0, 0],
    [0.5, 0],
    [0, 0.8],
    [0.5, 0],
    [0, 0],
    [0.5, 0.8],
  ]);
});

test('a run goes to its state file and back, and goes on bit for bit', async () => {
  const learner = () =>
    synthLearner({
      dataset: { builtin: 'iris' },
      preset: { preset: 'mlp', hidden: [8] },
      trainRows: 120,
      optimizer: spec,
    });
  const [first, second] = [learner(), learner()];
  await fitOneCycle(first, { n_epoch: 2, lr_max: 0.01 });
  const bytes = Buffer.concat(stateFile(first));
  loadState(second, bytes, { optimizer: true });
  const { values, optimizer } = frozenCopy(first.snapshot());
  assert.deepEqual(second.snapshot().values, values);
  assert.deepEqual(second.snapshot().optimizer, optimizer);

  // A state file holds no position, which the order of the rows depends on.
  second.restore(frozenCopy(first.snapshot()));
  for (const learn of [first, second]) await fitOneCycle(learn, { n_epoch: 1, lr_max: 0.01 });
  assert.deepEqual(second.snapshot(), first.snapshot());
  for (const learn of [first, second]) learn.dispose();
});
