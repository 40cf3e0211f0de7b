/** What an op that changes a variable in place waits for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Reads } from '../../../src/engine/native/tracing/reads.js';

/** x·w → y; y's gradient dy gives dw = xᵀ·dy, and dx = dy·wᵀ by way of a view of w. */
function layer(): Reads {
  const reads = new Reads();
  reads.add('w', 'ReadVariableOp', []);
  reads.add('y', 'MatMul', ['x', 'w']);
  reads.add('dy', 'SparseSoftmaxCrossEntropyWithLogits', ['y']);
  reads.add('dw', 'MatMul', ['x', 'dy:1']);
  reads.add('view', 'Reshape', ['w', 'shape']);
  reads.add('dx', 'MatMul', ['dy:1', 'view']);
  reads.add('next', 'MatMul', ['dx', 'other']);
  return reads;
}

test('for all that reads the old value, through views too, unless that comes before the new one anyway', () => {
  assert.deepEqual(layer().close('w', ['dw']).sort(), ['dx', 'view']);
  assert.deepEqual(layer().close('w', ['lr']).sort(), ['dx', 'view', 'y']);
  assert.deepEqual(layer().close('w', ['next']), []);
});

test('what reads the old value afterwards is refused, through views too', () => {
  for (const input of ['w', 'view']) {
    const reads = layer();
    reads.close('w', ['dw']);
    assert.throws(() => reads.add('late', 'Mul', [input, 'x']), /after it was changed in place/);
    reads.add('fine', 'Mul', ['dx', 'x']);
  }
});

test('an op that is not known to compute may pass on its input’s memory', () => {
  const reads = layer();
  for (const [value, alias] of [
    ['y', false],
    ['dx', false],
    ['w', true],
    ['view', true],
    ['dy:1', true],
    ['unknown', true],
  ] as const) {
    assert.equal(reads.mayAlias(value), alias, value);
  }
});
