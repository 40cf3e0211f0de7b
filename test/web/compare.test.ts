/** What runs are compared by, by table: curves over iterations, seconds and epochs, differences, axes. */
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { JobRecord, Metrics } from '../../src/client/index.js';
import * as axes from '../../web/src/compare/axes.js';
import * as columns from '../../web/src/compare/columns.js';
import * as diff from '../../web/src/compare/diff.js';
import { Runs } from '../../web/src/compare/runs.js';
import { client } from '../../web/src/state/client.js';

test('specs differ where not all are equal, by deep paths', () => {
  const specs = [
    {
      policy: { name: 'fit', lr: 0.1 },
      model: { hidden: [64] },
      callbacks: [{ name: 'mixup', alpha: 0.4 }],
      same: null,
    },
    { policy: { name: 'fit', lr: 0.2 }, model: { hidden: [64, 32] }, callbacks: [], same: null },
  ];
  assert.deepEqual(diff.differences(specs), [
    { path: 'policy.lr', values: [0.1, 0.2] },
    { path: 'model.hidden', values: [[64], [64, 32]] },
    { path: 'callbacks.0.name', values: ['mixup', undefined] },
    { path: 'callbacks.0.alpha', values: [0.4, undefined] },
    { path: 'callbacks', values: [undefined, []] },
  ]);
  assert.deepEqual(diff.differences([specs[0], specs[0]]), []);
  assert.deepEqual(
    [0.1 + 0.2, [1, 2], 'a', undefined].map((one) => diff.cell(one)),
    ['0.3', '[1,2]', 'a', ''],
  );
});

test('axes: numbers a hundredfold apart by factors, words in places of their own', () => {
  const [rate, near, word] = axes.axesOf(
    [
      { path: 'lr', values: [1e-4, 1e-3, 1e-2] },
      { path: 'wd', values: [1, 2, 3] },
    ],
    [{ path: 'kind', values: ['a', 'b', undefined] }],
  );
  assert.deepEqual(
    rate.positions.map((one) => one?.toFixed(6)),
    ['0.000000', '0.500000', '1.000000'],
  );
  assert.deepEqual(near.positions, [0, 0.5, 1]);
  assert.deepEqual(word.positions, [0, 0.5, 1]);
  assert.deepEqual(
    word.ticks.map(({ text }) => text),
    ['a', 'b', 'not set'],
  );
});

const phases = [
  { phase: 0, n_epoch: 1, n_iteration: 4, frozen_to: -1 },
  { phase: 1, n_epoch: 2, n_iteration: 16, frozen_to: 0 },
];

test('epochs are counted over phases of unequal length', () => {
  const cases = [
    [0, 0],
    [2, 0.5],
    [4, 1],
    [12, 2],
    [20, 3],
  ];
  for (const [iterations, epochs] of cases)
    assert.equal(columns.epochAt(phases, iterations), epochs, String(iterations));
});

const metrics: Metrics = {
  iteration: [0, 1, 2, 3],
  epoch: [0, 0, 1, 1],
  phase: [0, 0, 0, 0],
  raw_loss: [4, 3, null, 1],
  loss: [4, 3.5, 3, 2],
  seconds: [0.1, null, 0.3, 0.4],
  hypers: {},
  epochs: [0, 1].map((epoch) => ({
    epoch,
    phase: 0,
    train_loss: 3 - epoch,
    valid_loss: 2 - epoch,
    metrics: { accuracy: 0.5 + epoch / 4 },
    seconds: 1,
  })),
};
const two = [{ phase: 0, n_epoch: 2, n_iteration: 4, frozen_to: 0 }];

test('a curve by iteration, wall time and epoch', () => {
  const cases: [columns.By, string, number[], number[]][] = [
    ['iteration', 'loss', [0, 1, 2, 3], [4, 3.5, 3, 2]],
    ['iteration', 'raw_loss', [0, 1, 2, 3], [4, 3, NaN, 1]],
    ['time', 'loss', [0.1, 0.1, 0.3, 0.4], [4, 3.5, 3, 2]],
    ['epoch', 'loss', [0.5, 1, 1.5, 2], [4, 3.5, 3, 2]],
    ['iteration', 'valid_loss', [1, 3], [2, 1]],
    ['time', 'accuracy', [0.1, 0.4], [0.5, 0.75]],
    ['epoch', 'accuracy', [1, 2], [0.5, 0.75]],
    ['epoch', 'unknown', [], []],
    ['epoch', 'constructor', [], []],
  ];
  for (const [by, metric, x, y] of cases) {
    const curve = columns.curve(metrics, two, by, metric);
    assert.deepEqual([...curve.x.values()], x, `${metric} by ${by}`);
    assert.deepEqual([...curve.y.values()], y, `${metric} by ${by}`);
  }
});

test('more detail takes the place of the part that it is of', () => {
  const part: Metrics = {
    ...metrics,
    iteration: [1, 2],
    raw_loss: [9, 9],
    loss: [9, 9],
    epoch: [0, 1],
    phase: [0, 0],
    seconds: [0.2, 0.3],
  };
  const joined = columns.withDetail(metrics, part);
  assert.deepEqual(joined.iteration, [0, 1, 2, 3]);
  assert.deepEqual(joined.loss, [4, 9, 9, 2]);
  assert.deepEqual(joined.seconds, [0.1, 0.2, 0.3, 0.4]);
  assert.equal(columns.withDetail(metrics, undefined), metrics);
});

test('what cannot be read is said of each run that is wanted, and by whoever reads again', async () => {
  const gone = new Error('no such job');
  const broken = new Set(['lost']);
  const reading = mock.method(client.jobs, 'get', (id: string) => {
    const job = client.jobs.handle({ id, status: 'running' } as JobRecord);
    mock.method(job, 'metrics', () => Promise.resolve(metrics));
    return broken.has(id) ? Promise.reject(gone) : Promise.resolve(job);
  });
  try {
    const runs = new Runs();
    await runs.want(['a', 'lost', 'b']);
    assert.deepEqual([...runs.errors.value], [['lost', gone]]);
    await runs.want(['a', 'b']);
    assert.deepEqual([...runs.errors.value], []);
    await runs.refresh();
    broken.add('b');
    await assert.rejects(runs.refresh(), gone);
    assert.deepEqual(
      runs.all.value.map(({ record }) => record.id),
      ['a', 'b'],
    );
  } finally {
    reading.mock.restore();
  }
});
