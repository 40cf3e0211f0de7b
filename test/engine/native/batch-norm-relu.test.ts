/** Our op for batch norm with ReLU, beside TensorFlow's kernels, by the registers of each kind of processor. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Tensor } from '../../../src/engine/index.js';
import { nativeKernels, registerNativeKernels } from '../../../src/engine/native/kernels/index.js';
import { loadNative } from '../../../src/engine/native/load.js';

const { tf, backend } = loadNative();
registerNativeKernels(backend);
const kernels = nativeKernels({ backend, trace: null });
const epsilon = 1e-3;

interface Given {
  x: Tensor;
  gamma: Tensor;
  beta: Tensor;
  dy: Tensor;
}

/** Values by name: of y, mean and variance, and the gradients of x, gamma and beta. */
type Results = Record<string, Float32Array>;

const names = ['y', 'mean', 'variance', 'dx', 'dgamma', 'dbeta'];
const byName = (tensors: Tensor[]): Results =>
  Object.fromEntries(tensors.map((tensor, i) => [names[i], Float32Array.from(tensor.dataSync())]));

/** @param lanes how many floats a register holds: 16 with AVX-512, 8 with AVX2, 4 elsewhere */
function ours({ x, gamma, beta, dy }: Given, lanes: number): Results {
  const { TF_ATTR_FLOAT, TF_ATTR_INT } = backend.binding;
  const attributes = [
    { name: 'epsilon', type: TF_ATTR_FLOAT, value: epsilon },
    { name: 'lanes', type: TF_ATTR_INT, value: lanes },
  ];
  return tf.tidy(() => {
    const [y, mean, variance, saved] = backend.executeMultipleOutputs(
      'OnecycleBatchNormRelu',
      attributes,
      [x, gamma, beta],
      4,
    );
    // The gradient may take the memory of dy, which is used again.
    const inputs = [tf.add(dy, 0), x, saved, gamma];
    const gradients = backend.executeMultipleOutputs('OnecycleBatchNormReluGrad', attributes, inputs, 3);
    return byName([y, mean, variance, ...gradients]);
  });
}

function theirs({ x, gamma, beta, dy }: Given): Results {
  return tf.tidy(() => {
    const { y, mean, variance } = kernels.batchNorm(x, gamma, beta, epsilon);
    const body = (...[image, scale, offset]: Tensor[]) => tf.relu(kernels.batchNorm(image, scale, offset, epsilon).y);
    return byName([tf.relu(y), mean, variance, ...tf.grads(body)([x, gamma, beta], dy)]);
  });
}

type Shape = [images: number, height: number, width: number, channels: number];

function given(shape: Shape, spread = 1, offset = 0): Given {
  const [channels] = shape.slice(-1);
  const noise = (size: number[], seed: number) => tf.randomNormal(size, 0, 1, 'float32', seed);
  return {
    x: tf.add(tf.mul(noise(shape, 1), spread), offset),
    gamma: tf.add(noise([channels], 2), 0.5),
    beta: noise([channels], 3),
    dy: noise(shape, 4),
  };
}

/** As engines are compared in the conformance suite. */
function compare(actual: Results, expected: Results): void {
  const largest = (values: Float32Array) =>
    values.reduce((max, value) => (Number.isFinite(value) ? Math.max(max, Math.abs(value)) : max), 0);
  const all = Math.max(...Object.values(expected).map(largest));
  for (const name of names) {
    const allowed = 1e-5 * largest(expected[name]) + 1e-6 * all;
    assert.equal(actual[name].length, expected[name].length);
    const wrong = expected[name].findIndex(
      (value, i) => !Object.is(actual[name][i], value) && !(Math.abs(actual[name][i] - value) <= allowed),
    );
    assert.equal(wrong, -1, `${name}[${wrong}] is ${actual[name][wrong]}, not ${expected[name][wrong]}`);
  }
}

const cases: [what: string, shape: Shape, spread?: number, offset?: number][] = [
  ['one pixel', [1, 1, 1, 5]],
  ['one channel', [3, 7, 5, 1]],
  ['3 channels', [2, 3, 3, 3]],
  ['8 channels', [5, 1, 3, 8]],
  ['19 channels, so many rows that several threads share them', [4, 33, 17, 19]],
  ['64 channels', [2, 9, 9, 64]],
  ['119 channels', [3, 5, 7, 119]],
  ['more channels than a block has numbers', [3, 1, 1, 5001]],
  ['large values', [2, 9, 9, 21], 1e6],
  ['values far from zero', [2, 9, 9, 21], 1, 30],
];

for (const lanes of [16, 8, 4]) {
  for (const [what, shape, spread, offset] of cases) {
    test(`${lanes} lanes: ${what}`, () => {
      tf.tidy(() => {
        const values = given(shape, spread, offset);
        const found = ours(values, lanes);
        compare(found, theirs(values));
        assert.deepEqual(ours(values, lanes), found, 'the same bits again');
      });
    });
  }

  for (const bad of [NaN, Infinity, -Infinity]) {
    test(`${lanes} lanes: a channel with ${bad} has no numbers, as TensorFlow’s, and the others do not notice`, () => {
      tf.tidy(() => {
        const values = given([2, 9, 9, 21]);
        const x = Float32Array.from(values.x.dataSync());
        x[21 * 40 + 17] = bad;
        const found = ours({ ...values, x: tf.tensor(x, values.x.shape) }, lanes);
        compare(found, theirs({ ...values, x: tf.tensor(x, values.x.shape) }));
        assert.deepEqual(
          Array.from(found.y, Number.isNaN),
          Array.from(found.y, (_, i) => i % 21 === 17),
        );
      });
    });
  }
}

test('each kind of registers sums in an order of its own, so that the tests above have run them all', () => {
  const flags = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const kinds = ['sse2', 'avx2', 'avx512f'].filter((flag) => flags.includes(` ${flag} `));
  tf.tidy(() => {
    const values = given([4, 33, 17, 19]);
    const found = [16, 8, 4].map((lanes) => ours(values, lanes).dgamma.join());
    assert.equal(new Set(found).size, Math.max(1, kinds.length));
  });
});
