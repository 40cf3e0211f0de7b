/** What a compiled run keeps of the arrays that it is given. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createNativeEngine } from '../../../src/engine/native/index.js';
import { placed } from '../../../src/engine/native/tracing/input-memory.js';
import type { StepFunction, Tensor, Variable } from '../../../src/engine/index.js';
import { allocate } from '../../../src/numbers/memory.js';

const engine = createNativeEngine();

test('the first graph of a process takes away what processes left that were killed in it, and nothing else', (t) => {
  const { TMPDIR } = process.env;
  const folder = mkdtempSync(join(tmpdir(), 'onecycle-test-'));
  process.env.TMPDIR = folder;
  t.after(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    rmSync(folder, { recursive: true });
  });
  const hourAgo = new Date(Date.now() - 3_700_000);
  for (const [name, changed] of [
    ['onecycle-graph-left', hourAgo],
    ['onecycle-graph-fresh', new Date()],
    ['another', hourAgo],
  ] as const) {
    mkdirSync(join(folder, name, 'of-it'), { recursive: true });
    utimesSync(join(folder, name), changed, changed);
  }
  const { tf } = engine;
  const functions = { one: { inputs: [], body: () => [tf.scalar(1)] } };
  engine.build({ variables: [tf.variable(tf.zeros([1]))], functions }).dispose();
  assert.deepEqual(readdirSync(folder).sort(), ['another', 'onecycle-graph-fresh']);
});

test('variables have memory of their own, wherever in memory the values that are written lie', () => {
  const { tf } = engine;
  const variable = tf.variable(tf.zeros([4]));
  const run = engine.build({
    variables: [variable],
    functions: { double: { inputs: [], body: () => [tf.mul(variable, 2)] } },
  });
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

test('inputs that lie where TensorFlow takes them are not copied; others are, once', () => {
  const { tf } = engine;
  const variable = tf.variable(tf.zeros([1]));
  const body = ([x]: Tensor[]) => [tf.add(x, variable)];
  const run = engine.build({
    variables: [variable],
    functions: { same: { inputs: [{ shape: [4], dtype: 'float32' }], body } },
  });
  const memory = new Float32Array(allocate(1024));
  const place = new Float32Array(allocate(16));
  for (let start = 0; start < 64; start++) {
    const values = memory.subarray(start, start + 4);
    values.set([1, 2, 3, 4]);
    assert.equal(placed(values, place.subarray(0, 4)) === values, start % 16 === 0);
    assert.deepEqual(run.call('same', [values]), [Float32Array.of(1, 2, 3, 4)]);
    assert.deepEqual([...values], [1, 2, 3, 4]);
  }
  run.dispose();
});

test('a program with a function that throws runs eagerly and says why; the next one is compiled', () => {
  const { tf, kernels } = engine;
  const inputs = [{ shape: [2], dtype: 'float32' as const }];
  const build = (body: StepFunction['body']) => {
    const variable = tf.tidy(() => tf.variable(tf.tensor1d([1, 2])));
    return engine.build({
      variables: [variable],
      functions: { add: { inputs, body: (xs) => use(variable, body(xs)) } },
    });
  };
  const use = (variable: Variable, [x]: Tensor[]) => {
    kernels.assign(variable, tf.add(variable, x));
    return [tf.sum(variable)];
  };
  let calls = 0;
  const failing = build((xs) => {
    if (calls++ === 0) throw new Error('a mistake in the model');
    return xs;
  });
  const sound = build((xs) => xs);
  assert.deepEqual(failing.mode, {
    name: 'eager',
    reason: 'the step could not be compiled: a mistake in the model',
  });
  assert.deepEqual(sound.mode, { name: 'compiled' });
  for (const run of [failing, sound]) {
    assert.deepEqual(run.call('add', [Float32Array.of(10, 20)]), [Float32Array.of(33)]);
    assert.deepEqual(run.read(), [Float32Array.of(11, 22)]);
    assert.throws(() => run.call('subtract', []), /the program has no function subtract/);
    run.dispose();
  }
});
