/** The finder leaves no mark: model, optimizer and position are bit for bit what they were, whatever happens in it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  cancelFit,
  completeOptimizer,
  fitOneCycle,
  lrFind,
  type Callback,
  type Learner,
} from '../../src/learner/index.js';
import { optimizerNames } from '../../src/optimizer/index.js';
import { cnnLearner, frozenCopy, synthLearner } from './learners.js';

/** Bit for bit, the sign of a zero included. */
const bits = (learn: Learner) => {
  const { values, ...rest } = frozenCopy(learn.snapshot());
  return {
    values: values.map(({ buffer, byteOffset, byteLength }) =>
      Buffer.from(buffer.slice(byteOffset, byteOffset + byteLength)).toString('base64'),
    ),
    ...rest,
  };
};

const mlp = (options: Parameters<typeof synthLearner>[0] = {}) =>
  synthLearner({
    dataset: { builtin: 'iris' },
    preset: { preset: 'mlp', hidden: [8], dropout: 0.3 },
    trainRows: 120,
    batchSize: 16,
    optimizer: completeOptimizer({ name: 'adam' }),
    ...options,
  });

/** Throws at the nth batch. */
const at = (n: number, error: () => Error): Callback => {
  let batches = 0;
  return {
    name: 'at',
    order: 70,
    runValid: false,
    after_batch: () => {
      if (++batches === n) throw error();
    },
  };
};

describe('every optimizer, fresh and trained', () => {
  for (const name of optimizerNames) {
    test(name, async () => {
      const learn = mlp({ optimizer: completeOptimizer({ name }) });
      const fresh = bits(learn);
      await lrFind(learn, { num_it: 20 });
      assert.deepEqual(bits(learn), fresh);
      await fitOneCycle(learn, { n_epoch: 2, lr_max: 0.01 });
      const trained = bits(learn);
      assert.notDeepEqual(trained.values, fresh.values);
      await lrFind(learn, { num_it: 20, end_lr: 100 });
      assert.deepEqual(bits(learn), trained);
      learn.dispose();
    });
  }
});

test('batch norm’s running statistics and a frozen body are put back too', async () => {
  const learn = cnnLearner();
  learn.freeze();
  await fitOneCycle(learn, { n_epoch: 1 });
  const before = bits(learn);
  await lrFind(learn, { num_it: 10 });
  assert.deepEqual(bits(learn), before);
  learn.dispose();
});

test('a finder that is cut off in its middle leaves no mark: cancelled, failed, diverged, not yet begun', async () => {
  const learn = mlp();
  await fitOneCycle(learn, { n_epoch: 2, lr_max: 0.01 });
  const before = bits(learn);

  const cancelled = await lrFind(learn, {}, { callbacks: [at(10, cancelFit)] });
  assert.deepEqual([cancelled.lrs.length, cancelled.stopped], [10, null]);
  assert.deepEqual(bits(learn), before);

  await assert.rejects(lrFind(learn, {}, { callbacks: [at(10, () => new Error('a bug'))] }), /a bug/);
  assert.deepEqual(bits(learn), before);

  const diverged = await lrFind(learn, { start_lr: 1e-3, end_lr: 1e9 });
  assert.equal(diverged.stopped, 'diverged');
  assert.deepEqual(bits(learn), before);

  const early: Callback = {
    name: 'early',
    order: -1,
    before_fit: () => {
      throw new Error('too early');
    },
  };
  await assert.rejects(lrFind(learn, {}, { callbacks: [early] }), /too early/);
  assert.deepEqual(bits(learn), before);
  assert.equal(learn.finding, false);

  await assert.rejects(lrFind(learn, { start_lr: 1, end_lr: 0.1 }), /start_lr must be below end_lr/);
  assert.deepEqual(bits(learn), before);
  learn.dispose();
});

test('the fit after a finder is the fit without it: weights, order of rows, dropout', async () => {
  const [with_, without] = [mlp(), mlp()];
  for (const learn of [with_, without]) await fitOneCycle(learn, { n_epoch: 1, lr_max: 0.01 });
  await lrFind(with_, { num_it: 30 });
  for (const learn of [with_, without]) await fitOneCycle(learn, { n_epoch: 2, lr_max: 0.01 });
  assert.deepEqual(bits(with_), bits(without));
  with_.dispose();
  without.dispose();
});

test('two finders at once don’t meet', async () => {
  const [one, other, alone] = [mlp({ seed: 1 }), mlp({ seed: 2 }), mlp({ seed: 1 })];
  const [before, beforeOther] = [bits(one), bits(other)];
  const [found] = await Promise.all([lrFind(one), lrFind(other)]);
  assert.deepEqual(found, await lrFind(alone));
  assert.deepEqual([bits(one), bits(other)], [before, beforeOther]);
  for (const learn of [one, other, alone]) learn.dispose();
});

test('after a trained state the finder runs at the momentum that the fit ended with', async () => {
  const learn = mlp({ optimizer: completeOptimizer({ name: 'sgd', mom: 0.5 }) });
  await fitOneCycle(learn, { n_epoch: 1, moms: [0.9, 0.8, 0.7] });
  const mom = learn.recorder.batches.at(-1)!.hypers.mom;
  await lrFind(learn, { num_it: 10 });
  assert.deepEqual(learn.recorder.batches.at(-1)!.hypers.mom, mom);
  learn.dispose();
});

test('rates a group, and as many suggestions as are asked for', async () => {
  const learn = cnnLearner();
  const before = learn.recorder.batches.length;
  const { suggestions, reasons, lrs } = await lrFind(learn, {
    start_lr: [1e-6, 1e-5],
    end_lr: [1, 10],
    num_it: 12,
    suggest_funcs: ['steep', 'slide'],
  });
  const recorded = learn.recorder.batches.slice(before).map(({ hypers }) => hypers.lr);
  assert.deepEqual(recorded[0], [1e-6, 1e-5]);
  assert.deepEqual(
    lrs,
    recorded.map((groups) => groups.at(-1)),
  );
  assert.deepEqual(Object.keys(suggestions), ['steep', 'slide']);
  assert.equal(suggestions.slide, null);
  assert.match(reasons.slide!, /at least 16 points/);
  learn.dispose();
});
