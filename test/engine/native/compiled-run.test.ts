/** What a compiled run keeps of the arrays that it is given. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNativeEngine } from '../../../src/engine/native/index.js';

const engine = createNativeEngine();

test('variables have memory of their own, wherever in memory the values that are written lie', () => {
  const { tf } = engine;
  const variable = tf.variable(tf.zeros([4]));
  const run = engine.build({ variables: [variable], functions: { double: { inputs: [], body: () => [tf.mul(variable, 2)] } } });
  assert.equal(run.mode.name, 'compiled');
  const memory = new Float32Array(64);
  for (let start = 0; start + 4 <= memory.length; start++) {
    const values = memory.subarray(start, start + 4);
    values.set([1, 2, 3, 4]);
    run.write([values]);
    values.fill(-1);
    assert.deepEqual(run.read(), [Float32Array.of(1, 2, 3, 4)]);
    assert.deepEqual(run.call('double', []), [Float32Array.of(2, 4, 6, 8)]);
  }
  run.dispose();
});
