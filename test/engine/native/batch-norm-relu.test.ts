/** Our ops for batch norm with ReLU, and with pooling after it, beside TensorFlow's kernels, by the registers of each kind of processor. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Tensor4D } from '@tensorflow/tfjs';
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

/** What comes after batch norm. */
interface After {
  /** The end of our op's name. */
  op: '' | 'Pool';
  theirs: (normalized: Tensor) => Tensor;
  shape: (images: Shape) => Shape;
}

const relu: After = { op: '', theirs: (normalized) => tf.relu(normalized), shape: (images) => images };
const pooled: After = {
  op: 'Pool',
  theirs: (normalized) => tf.maxPool(tf.relu(normalized as Tensor4D), 2, 2, 'valid'),
  shape: ([images, height, width, channels]) => [images, height >> 1, width >> 1, channels],
};

/** @param lanes how many floats a register holds: 16 with AVX-512, 8 with AVX2, 4 elsewhere */
function ours({ op }: After, { x, gamma, beta, dy }: Given, lanes: number): Results {
  const { TF_ATTR_FLOAT, TF_ATTR_INT } = backend.binding;
  const attributes = [
    { name: 'epsilon', type: TF_ATTR_FLOAT, value: epsilon },
    { name: 'lanes', type: TF_ATTR_INT, value: lanes },
  ];
  return tf.tidy(() => {
    const [y, mean, variance, saved] = backend.executeMultipleOutputs(
      `OnecycleBatchNormRelu${op}`,
      attributes,
      [x, gamma, beta],
      4,
    );
    // The gradient may take the memory of dy or x, which are used again.
    const inputs = [tf.add(dy, 0), tf.add(x, 0), saved, gamma];
    const gradients = backend.executeMultipleOutputs(`OnecycleBatchNormRelu${op}Grad`, attributes, inputs, 3);
    return byName([y, mean, variance, ...gradients]);
  });
}

function theirs(after: After, { x, gamma, beta, dy }: Given): Results {
  return tf.tidy(() => {
    const { y, mean, variance } = kernels.batchNorm(x, gamma, beta, epsilon);
    const body = (...[image, scale, offset]: Tensor[]) =>
      after.theirs(kernels.batchNorm(image, scale, offset, epsilon).y);
    return byName([after.theirs(y), mean, variance, ...tf.grads(body)([x, gamma, beta], dy)]);
  });
}

type Shape = [images: number, height: number, width: number, channels: number];

function given(after: After, shape: Shape, spread = 1, offset = 0): Given {
  const [channels] = shape.slice(-1);
  const noise = (size: number[], seed: number) => tf.randomNormal(size, 0, 1, 'float32', seed);
  return {
    x: tf.add(tf.mul(noise(shape, 1), spread), offset),
    gamma: tf.add(noise([channels], 2), 0.5),
    beta: noise([channels], 3),
    dy: noise(after.shape(shape), 4),
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

/** What TensorFlow’s pool makes of values that are no numbers is another matter. */
const withoutChannel = (results: Results): Results =>
  Object.fromEntries(Object.entries(results).map(([name, values]) => [name, values.filter((_, i) => i % 21 !== 17)]));

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

/** Of images that have windows. */
const windows: typeof cases = [
  ['one window', [1, 2, 2, 5]],
  ['one channel', [3, 6, 4, 1]],
  ['a row and a column that are in no window', [2, 5, 7, 3]],
  ['more columns than rows, 8 channels', [5, 2, 12, 8]],
  ['19 channels, so many bands that several threads share them', [4, 34, 17, 19]],
  ['64 channels', [2, 8, 8, 64]],
  ['119 channels', [3, 5, 8, 119]],
  ['more channels than a block has numbers', [3, 2, 2, 5001]],
  ['large values', [2, 8, 8, 21], 1e6],
  ['values far from zero', [2, 8, 8, 21], 1, 30],
];

for (const [after, what] of [
  [relu, 'ReLU'],
  [pooled, 'pooled'],
] as const) {
  for (const lanes of [16, 8, 4]) {
    for (const [name, shape, spread, offset] of after === relu ? cases : windows) {
      test(`${what}, ${lanes} lanes: ${name}`, () => {
        tf.tidy(() => {
          const values = given(after, shape, spread, offset);
          const found = ours(after, values, lanes);
          compare(found, theirs(after, values));
          assert.deepEqual(ours(after, values, lanes), found, 'the same bits again');
        });
      });
    }

    for (const bad of [NaN, Infinity, -Infinity]) {
      test(`${what}, ${lanes} lanes: a channel with ${bad} has no numbers, and the others do not notice`, () => {
        tf.tidy(() => {
          const values = given(after, [2, 8, 8, 21]);
          const x = Float32Array.from(values.x.dataSync());
          x[21 * 40 + 17] = bad;
          const spoilt = { ...values, x: tf.tensor(x, values.x.shape) };
          const found = ours(after, spoilt, lanes);
          const compared = after === relu ? (all: Results) => all : withoutChannel;
          compare(compared(found), compared(theirs(after, spoilt)));
          assert.deepEqual(
            Array.from(found.y, Number.isNaN),
            Array.from(found.y, (_, i) => i % 21 === 17),
          );
          assert.ok(found.dx.every((value, i) => i % 21 !== 17 || Number.isNaN(value)));
        });
      });
    }
  }
}

test('of several that are the largest in a window, the first has the gradient', () => {
  tf.tidy(() => {
    // Without a deviation all four are equal; the sum of the gradients is then taken from each.
    const x = tf.concat([tf.fill([1, 2, 2, 1], 1), tf.fill([1, 2, 2, 1], -1)]);
    const values = { x, gamma: tf.tensor1d([1]), beta: tf.tensor1d([0]), dy: tf.tensor4d([3, 5], [2, 1, 1, 1]) };
    const { dx } = ours(pooled, values, 16);
    compare(ours(pooled, values, 16), theirs(pooled, values));
    assert.ok(dx[0] > dx[1]);
    assert.deepEqual([dx[1], dx[2]], [dx[2], dx[3]]);
  });
});

test('each kind of registers sums in an order of its own, so that the tests above have run them all', () => {
  const flags = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const kinds = ['sse2', 'avx2', 'avx512f'].filter((flag) => flags.includes(` ${flag} `));
  for (const after of [relu, pooled]) {
    tf.tidy(() => {
      const values = given(after, [4, 33, 17, 19]);
      const found = [16, 8, 4].map((lanes) => ours(after, values, lanes).dgamma.join());
      assert.equal(new Set(found).size, Math.max(1, kinds.length));
    });
  }
});
