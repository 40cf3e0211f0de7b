/** Our ops for a dense layer and its gradients, beside TensorFlow's kernels, by the registers of each kind of processor. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor } from '../../../src/engine/index.js';
import { registerNativeKernels } from '../../../src/engine/native/kernels/index.js';
import { loadNative } from '../../../src/engine/native/load.js';

const { tf, backend } = loadNative();
registerNativeKernels(backend);
const { TF_ATTR_BOOL, TF_ATTR_INT, TF_ATTR_TYPE, TF_FLOAT } = backend.binding;
type Matrix = ReturnType<typeof tf.tensor2d>;

interface Given {
  x: Matrix;
  w: Matrix;
  bias: Tensor;
  dy: Matrix;
}

/** Values by name; dx is past the ReLU that x may be a result of. */
type Results = Record<'y' | 'dw' | 'dbias' | 'dx', Float32Array>;

const valuesOf = (tensor: Tensor): Float32Array => Float32Array.from(tensor.dataSync());

/** @param lanes how many floats a register holds: 16 with AVX-512, 8 with AVX2, 4 elsewhere */
function ours({ x, w, bias, dy }: Given, lanes: number, relu: boolean): Results {
  const attributes = [
    { name: 'relu', type: TF_ATTR_BOOL, value: relu },
    { name: 'lanes', type: TF_ATTR_INT, value: lanes },
  ];
  const [y] = backend.executeMultipleOutputs('OnecycleDense', attributes, [x, w, bias], 1);
  const [dw, dbias, dx] = backend.executeMultipleOutputs('OnecycleDenseGrad', attributes, [dy, x, w], 3);
  return { y: valuesOf(y), dw: valuesOf(dw), dbias: valuesOf(dbias), dx: valuesOf(dx) };
}

function theirs({ x, w, bias, dy }: Given, relu: boolean): Results {
  const sum = tf.add(tf.matMul(x, w), bias);
  const dx = tf.matMul(dy, w, false, true);
  const attributes = [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }];
  return {
    y: valuesOf(relu ? tf.relu(sum) : sum),
    dw: valuesOf(tf.matMul(x, dy, true, false)),
    dbias: valuesOf(tf.sum(dy, 0)),
    dx: valuesOf(relu ? backend.executeSingleOutput('ReluGrad', attributes, [dx, x]) : dx),
  };
}

function given(rows: number, inputs: number, outputs: number): Given {
  const noise = (height: number, width: number, seed: number): Matrix =>
    tf.randomNormal([height, width], 0, 1, 'float32', seed);
  return {
    x: tf.relu(noise(rows, inputs, 1)), // half of it is zero, where ReLU has no gradient
    w: noise(inputs, outputs, 2),
    bias: tf.reshape(noise(1, outputs, 3), [outputs]),
    dy: noise(rows, outputs, 4),
  };
}

/** As engines are compared in the conformance suite. */
function compare(found: Results, expected: Results): void {
  for (const name of ['y', 'dw', 'dbias', 'dx'] as const) {
    const [actual, values] = [found[name], expected[name]];
    const largest = values.reduce((max, value) => (Number.isFinite(value) ? Math.max(max, Math.abs(value)) : max), 0);
    assert.equal(actual.length, values.length);
    const wrong = values.findIndex(
      (value, i) => !Object.is(actual[i], value) && !(Math.abs(actual[i] - value) <= 1e-5 * largest + 1e-30),
    );
    assert.equal(wrong, -1, `${name}[${wrong}] is ${actual[wrong]}, not ${values[wrong]}`);
  }
}

const shapes: [rows: number, inputs: number, outputs: number][] = [
  [1, 1, 1],
  [3, 5, 7],
  [13, 32, 64],
  [14, 31, 33],
  [64, 128, 10],
  [27, 10, 119],
  [5, 1, 17],
  // Of several blocks of rows, and so large that threads share them.
  [211, 217, 129],
];

for (const lanes of [16, 8, 4]) {
  for (const [rows, inputs, outputs] of shapes) {
    test(`${lanes} lanes: ${inputs} to ${outputs}, ${rows} rows`, () => {
      tf.tidy(() => {
        for (const relu of [true, false]) {
          const values = given(rows, inputs, outputs);
          const found = ours(values, lanes, relu);
          compare(found, theirs(values, relu));
          assert.deepEqual(ours(values, lanes, relu), found, 'the same bits again');
        }
      });
    });
  }

  for (const bad of [NaN, Infinity, -Infinity]) {
    test(`${lanes} lanes: ${bad} goes as far as with TensorFlow’s kernels`, () => {
      tf.tidy(() => {
        const values = given(14, 31, 33);
        const x = values.x
          .dataSync()
          .slice()
          .fill(bad, 31 * 3 + 4, 31 * 3 + 5);
        const bias = values.bias.dataSync().slice().fill(bad, 32);
        const broken = { ...values, x: tf.tensor2d(x, [14, 31]), bias: tf.tensor1d(bias as Float32Array) };
        for (const relu of [true, false]) compare(ours(broken, lanes, relu), theirs(broken, relu));
      });
    });
  }
}
