/** What is recorded while a function is traced, and that nothing of it is left afterwards. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StepFunction, Tensor } from '../../../src/engine/index.js';
import { nativeKernels } from '../../../src/engine/native/kernels/index.js';
import { loadNative } from '../../../src/engine/native/load.js';
import { Graph } from '../../../src/engine/native/tracing/graph.js';
import { KernelRecorder } from '../../../src/engine/native/tracing/recorder.js';
import { traceFunction } from '../../../src/engine/native/tracing/trace-function.js';
import { Trace } from '../../../src/engine/native/tracing/trace.js';
import { addVariables } from '../../../src/engine/native/tracing/variable-nodes.js';

const { tf, backend } = loadNative();
const recorder = new KernelRecorder(backend);
const kernels = nativeKernels(recorder);
const variable = tf.tidy(() => tf.variable(tf.tensor1d([1, 2, 3])));

const emptyGraph = () => {
  const graph = new Graph();
  return { graph, handles: addVariables(graph, [variable], backend.binding.TF_FLOAT).handles };
};

const inputs: StepFunction['inputs'] = [{ shape: [3], dtype: 'float32' }];

/** Traces a function of one input into a graph of its own, and puts the variable back. */
function trace(body: (x: Tensor) => Tensor): Uint8Array {
  const target = emptyGraph();
  try {
    traceFunction(recorder, target, 'f', { inputs, body: ([x]) => [body(x)] });
  } finally {
    tf.tidy(() => variable.assign(tf.tensor1d([1, 2, 3])));
  }
  return target.graph.encode();
}

/** Reads the variable, changes it in every way there is, and reads it again. */
function useVariable(x: Tensor): Tensor {
  const before = tf.mul(variable, x);
  kernels.assign(variable, tf.add(variable, x));
  kernels.applyGradientDescent(variable, x, tf.scalar(0.5));
  return tf.add(before, variable);
}

const failure = new Error('a mistake in the model');

/** The same, and then it throws. */
function fail(x: Tensor): Tensor {
  useVariable(x);
  throw failure;
}

function assertNothingIsRecorded(binding: unknown): void {
  assert.equal(backend.binding, binding);
  assert.equal(recorder.trace, null);
}

test('the hook is on while a function is traced, and off afterwards', () => {
  const { binding } = backend;
  let during: unknown;
  trace((x) => {
    during = backend.binding;
    assert.ok(recorder.trace instanceof Trace);
    return tf.square(x);
  });
  assert.notEqual(during, binding);
  assertNothingIsRecorded(binding);
});

test('the hook is off after a function that throws, its tensors are gone, and kernels change variables again', () => {
  const { binding } = backend;
  const before = tf.memory().numTensors;
  assert.throws(() => trace(fail), failure);
  assertNothingIsRecorded(binding);
  assert.equal(tf.memory().numTensors, before);
  tf.tidy(() => kernels.applyGradientDescent(variable, tf.ones([3]), tf.scalar(1)));
  assert.deepEqual([...variable.dataSync()], [0, 1, 2]);
  tf.tidy(() => kernels.assign(variable, tf.tensor1d([1, 2, 3])));
  assert.deepEqual([...variable.dataSync()], [1, 2, 3]);
});

test('a function that is traced cannot trace another', () => {
  const { binding } = backend;
  assert.throws(() => trace((x) => (trace(useVariable), x)), /cannot trace another/);
  assertNothingIsRecorded(binding);
});

test('two traces share nothing: a function is traced alike whatever was traced before', () => {
  const alone = trace(useVariable);
  assert.throws(() => trace(fail), failure);
  assert.deepEqual(trace(useVariable), alone);
  trace((x) => tf.square(tf.add(variable, x)));
  assert.deepEqual(trace(useVariable), alone);
});

test('a trace knows no tensor of another', () => {
  let kept: Tensor | undefined;
  trace((x) => (kept = tf.keep(tf.square(x))));
  assert.throws(() => trace((x) => tf.add(x, kept!)), /a tensor that was made before it was traced/);
  kept!.dispose();
});

test('a variable that the program does not name cannot be changed', () => {
  const other = tf.tidy(() => tf.variable(tf.tensor1d([4])));
  const change = (x: Tensor) => {
    kernels.applyGradientDescent(other, x, tf.scalar(1));
    return x;
  };
  assert.throws(() => trace(change), /a variable that its program does not name/);
  other.dispose();
});
