/** How long a job is, and what memory it takes at least. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bounded, checkMemory, iterationsOf, memoryOf } from '../../src/request/bounds.js';
import { resolveSpec } from '../../src/request/resolve.js';
import type { JobSpec } from '../../src/request/spec.js';

const specOf = (more: object = {}): JobSpec =>
  resolveSpec({
    policy: { name: 'fit_one_cycle', n_epoch: 2 },
    dataset: { random: { shape: [10], classes: 3, rows: 1000 } },
    model: { preset: 'mlp', hidden: [20] },
    batch_size: 100,
    ...more,
  }).spec;

test('iterations of a job, by its policy, rows and batches', () => {
  const table: [more: object, iterations: number][] = [
    [{}, 16],
    [{ split: { train_rows: 150 } }, 2],
    [{ split: { train_rows: 150 }, drop_last: false }, 4],
    [{ policy: { name: 'fine_tune', epochs: 3, freeze_epochs: 2 } }, 40],
    [{ policy: { name: 'lr_find', num_it: 70 } }, 70],
    [{ policy: { name: 'fit_one_cycle', n_epoch: 2, lr_max: { lr_find: 'valley' } } }, 16],
    [{ policy: { name: 'fit_sgdr', n_cycles: 2, cycle_len: 1, cycle_mult: 2, lr_max: 0.1 } }, 24],
  ];
  for (const [more, iterations] of table) assert.equal(iterationsOf(specOf(more)), iterations, JSON.stringify(more));
});

test('a job that is too long is refused; one without a timeout has that of the service', () => {
  const bounds = { maxIterations: 16, timeoutSeconds: 60 };
  assert.equal(bounded(specOf(), bounds, false).timeout_seconds, 60);
  assert.equal(bounded(specOf({ timeout_seconds: null }), bounds, true).timeout_seconds, null);
  assert.throws(() => bounded(specOf(), { ...bounds, maxIterations: 15 }, false), {
    code: 'invalid_spec',
    message: /at most 15 iterations .* not 16/,
  });
});

test('memory: parameters with gradients and the optimizer’s state, and a batch through all layers', () => {
  const parameters = 10 * 20 + 20 + 20 * 3 + 3;
  const copies = { sgd: 2, rmsprop: 3, adam: 4 };
  for (const [name, times] of Object.entries(copies)) {
    const { parameterBytes, bytes, rows } = memoryOf(specOf({ optimizer: { name } }));
    assert.equal(parameterBytes, 4 * times * parameters, name);
    assert.equal(rows, 100);
    assert.ok(
      bytes - parameterBytes >= 4 * 100 * (10 + 20 + 3) && bytes - parameterBytes < 4 * 100 * 200,
      String(bytes),
    );
  }
  const large = { bytes: 3 * 1024 ** 3, parameterBytes: 1024 ** 3, rows: 8 };
  checkMemory(large, 3 * 1024 ** 3);
  const pointer = (available: number): string => {
    try {
      checkMemory(large, available);
    } catch (error) {
      const { problems } = error as { problems: { pointer: string; detail: string }[] };
      assert.match(problems[0].detail, /at least 3\.0 GiB/);
      return problems[0].pointer;
    }
    return '';
  };
  assert.deepEqual([pointer(2 * 1024 ** 3), pointer(1024 ** 3 / 2)], ['/batch_size', '/model']);
});
