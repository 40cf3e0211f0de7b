import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BatchLoader,
  fitOneCycle,
  Learner,
  loadDataset,
  loadEngine,
  planModel,
  splitRows,
} from '../../../src/learner/index.js';

test('the cnn preset learns the digits on WebAssembly', async (t) => {
  const engine = await loadEngine({ name: 'wasm' });
  const dataset = loadDataset({ builtin: 'digits' });
  const { train, valid } = splitRows(dataset.rows, { valid_pct: 0.2, seed: 42 });
  const learn = new Learner({
    engine,
    model: planModel({ preset: 'cnn' }, dataset),
    data: {
      dataset,
      train: new BatchLoader({ dataset, rows: train, batchSize: 64, shuffle: true, dropLast: true, seed: 42 }),
      valid: new BatchLoader({ dataset, rows: valid, batchSize: 64 }),
    },
    loss: 'cross_entropy',
    metrics: ['accuracy'],
  });
  const start = performance.now();
  await fitOneCycle(learn, { n_epoch: 4, lr_max: 0.01 });
  const { accuracy } = learn.lastEpoch!.metrics;
  const stepMs = (performance.now() - start) / learn.iterationsDone;
  t.diagnostic(`accuracy ${accuracy} after ${learn.iterationsDone} steps, ${stepMs.toFixed(1)} ms each`);
  assert.ok(accuracy >= 0.95);
  const before = engine.tf.memory().numTensors;
  await fitOneCycle(learn, { n_epoch: 1, lr_max: 0.001 });
  assert.equal(engine.tf.memory().numTensors, before, 'no tensors pile up');
});
