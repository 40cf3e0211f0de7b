/** Weights of classes: counted over the rows that train, or given. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeOptimizer, type LossSpec } from '../../src/learner/index.js';
import { balancedWeights } from '../../src/learner/losses/class-weights.js';
import { synthLearner } from './learners.js';

const rows = (...indexes: number[]): Int32Array => Int32Array.from(indexes);

test('balanced: each class that occurs weighs the same, all together as many as the rows', () => {
  const table: [labels: number[], rows: Int32Array, classes: number, weights: number[]][] = [
    [[0, 0, 0, 1], rows(0, 1, 2, 3), 2, [4 / 6, 2]],
    [[0, 1, 0, 1, 0], rows(0, 1, 2, 4), 2, [4 / 6, 2]], // row 3 does not train
    [[0, 2, 2], rows(0, 1, 2), 4, [1.5, 1, 0.75, 1]], // nobody is of class 1 or 3
  ];
  for (const [labels, training, classes, weights] of table)
    assert.deepEqual(balancedWeights(labels, training, classes), weights);
});

test('balanced is what the weights of the rows that train are, in every step and in validation', async () => {
  const run = async (loss: LossSpec) => {
    const learn = synthLearner({
      dataset: { builtin: 'iris' }, // the first 70 rows are 50 of class 0 and 20 of class 1
      preset: { preset: 'linear' },
      trainRows: 70,
      loss,
      optimizer: completeOptimizer({ name: 'sgd' }),
      step: { mixup: { alpha: 1 } }, // a plain mean of weighted rows: the weights' scale counts
    });
    await learn.fit(1);
    learn.dispose();
    return learn.recorder.batches.map(({ raw_loss }) => raw_loss).concat(learn.lastEpoch!.valid_loss!);
  };
  const balanced = await run({ name: 'cross_entropy', weight: 'balanced' });
  assert.deepEqual(balanced, await run({ name: 'cross_entropy', weight: [70 / 100, 70 / 40, 1] }));
  assert.notDeepEqual(balanced, await run('cross_entropy'));
});
