/** Losses and metrics with arguments, and mixup, as a client sees them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server } from './harness.js';

let server: Server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

const digits = {
  policy: { name: 'fit_one_cycle', n_epoch: 2, lr_max: 0.01 },
  dataset: { builtin: 'digits' },
  model: { preset: 'mlp', hidden: [32] },
};

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

test('metrics with arguments: numbers in every frame and in the result, the confusion matrix in the result', async () => {
  const record = await server.run({
    ...digits,
    metrics: [
      'accuracy',
      'error_rate',
      { name: 'top_k_accuracy', k: 3 },
      'f1_score',
      { name: 'recall', average: 'weighted' },
      'roc_auc',
      'confusion_matrix',
    ],
    callbacks: [{ name: 'save_best', monitor: 'f1_score' }],
  });
  assert.deepEqual(record.spec.metrics, [
    'accuracy',
    'error_rate',
    { name: 'top_k_accuracy', k: 3 },
    { name: 'f1_score', average: 'macro' },
    { name: 'recall', average: 'weighted' },
    { name: 'roc_auc', average: 'macro' },
    'confusion_matrix',
  ]);
  const { metrics, confusion_matrix: matrix } = record.result!;
  const names = ['accuracy', 'error_rate', 'top_k_accuracy', 'f1_score', 'recall', 'roc_auc'];
  assert.deepEqual(Object.keys(metrics), names);
  assert.ok(metrics.top_k_accuracy > metrics.accuracy && metrics.roc_auc > metrics.f1_score);
  assert.ok(Math.abs(metrics.accuracy + metrics.error_rate - 1) < 1e-12);
  assert.deepEqual(
    matrix!.map((row) => row.length),
    Array.from({ length: 10 }, () => 10),
  );
  assert.equal(sum(matrix!.flat()), 359, 'a fifth of 1797 rows');
  assert.ok(Math.abs(sum(matrix!.map((row, label) => row[label])) / 359 - metrics.accuracy) < 1e-12);
  const { epochs } = await server.metrics(record.id);
  const best = epochs.map((epoch) => epoch.metrics).sort((a, b) => b.f1_score - a.f1_score)[0];
  assert.deepEqual(metrics, best);
  for (const epoch of epochs) assert.deepEqual(Object.keys(epoch.metrics), names);
});

test('two classes: F1 is of the second one, and the area of all', async () => {
  const { spec, result } = await server.run({
    ...digits,
    dataset: { random: { shape: [4], classes: 2, rows: 200, seed: 1 } },
    metrics: ['f1_score', 'precision', 'recall', 'roc_auc'],
  });
  assert.deepEqual(spec.metrics[0], { name: 'f1_score', average: 'binary', pos_label: 1 });
  assert.deepEqual(spec.metrics[3], 'roc_auc');
  const { f1_score, precision, recall } = result!.metrics;
  assert.ok(Math.abs(f1_score - (2 * precision * recall) / (precision + recall)) < 1e-12);
});

test('losses with arguments, mixup and a rate that a finder suggests', async () => {
  const record = await server.run({
    ...digits,
    policy: { ...digits.policy, n_epoch: 5, lr_max: { lr_find: 'valley' } },
    loss: { name: 'label_smoothing', weight: 'balanced' },
    callbacks: [{ name: 'mixup' }],
  });
  assert.deepEqual(record.spec.loss, { name: 'label_smoothing', eps: 0.1, weight: 'balanced' });
  assert.deepEqual(record.spec.callbacks, [{ name: 'mixup', alpha: 0.4 }]);
  assert.ok(record.result!.metrics.accuracy > 0.85, `accuracy ${record.result!.metrics.accuracy}`);
  assert.deepEqual((await server.job(record.lr_find!.job)).spec.callbacks, record.spec.callbacks);
  const { epochs } = await server.metrics(record.id);
  // Blended rows are harder than those that validate.
  assert.ok(epochs.at(-1)!.train_loss > epochs.at(-1)!.valid_loss);
});

test('a regression: its losses, its metrics, and targets of 0 and 1', async () => {
  const regression = { ...digits, dataset: { builtin: 'diabetes' }, loss: { name: 'huber' } };
  const { spec, result } = await server.run({ ...regression, metrics: ['mse', 'rmse', 'r2', 'explained_variance'] });
  assert.deepEqual(spec.loss, { name: 'huber', delta: 1 });
  const { mse, rmse, r2, explained_variance } = result!.metrics;
  assert.ok(Math.abs(rmse ** 2 / mse - 1) < 1e-9);
  assert.ok(explained_variance >= r2);
  const x = Array.from({ length: 64 }, (_, i) => [i % 2, i % 3]);
  const multi = await server.run({
    policy: { name: 'fit', n_epoch: 40, lr: 0.05 },
    dataset: { inline: { x, y: x.map(([a, b]) => [a, b > 0 ? 1 : 0]) } },
    model: { preset: 'linear' },
    batch_size: 16,
    loss: 'bce_with_logits',
    metrics: ['accuracy_multi'],
  });
  assert.deepEqual(multi.spec.metrics, [{ name: 'accuracy_multi', thresh: 0.5 }]);
  assert.equal(multi.result!.metrics.accuracy_multi, 1);
});
