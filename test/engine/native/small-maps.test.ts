/**
 * Convolutions over maps smaller than their kernel, beside TensorFlow's own op on the same maps with their border of
 * zeros written out.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNativeEngine } from '../../../src/engine/native/index.js';

const { tf } = createNativeEngine({ eager: true });
type Map = ReturnType<typeof tf.tensor4d>;

const noise = (shape: [number, number, number, number], seed: number): Map =>
  tf.randomNormal(shape, 0, 1, 'float32', seed);

type Convolve = (input: Map, filter: Map) => ReturnType<typeof tf.tensor>;

/** Two ways to the same output and gradients. */
function compare(ways: [ours: Convolve, theirs: Convolve], x: Map, kernel: Map, dy: Map): void {
  const results = ways.map((convolve) => [
    convolve(x, kernel),
    ...tf.grads((input, filter) => convolve(input as Map, filter as Map))([x, kernel], dy),
  ]);
  for (const [i, what] of ['output', 'gradient of the input', 'gradient of the kernel'].entries()) {
    const [ours, theirs] = results.map((tensors) => tensors[i]);
    assert.deepEqual(ours.shape, theirs.shape);
    const [difference, scale] = [tf.max(tf.abs(tf.sub(ours, theirs))), tf.max(tf.abs(theirs))].map(
      (tensor) => tensor.dataSync()[0],
    );
    assert.ok(difference < 1e-5 * scale, `${what}: ${difference} of ${scale}`);
  }
}

for (const [height, width] of [
  [1, 1],
  [2, 2],
  [1, 3],
] as const) {
  test(`a convolution of 3x3 over a map of ${height}x${width}, and its gradients`, () => {
    tf.tidy(() => {
      const x = noise([3, height, width, 256], 1);
      const kernel = noise([3, 3, 256, 512], 2);
      const dy = noise([3, height, width, 512], 3);
      const inside = (input: Map, filter: Map) => tf.conv2d(input, filter, 1, 'same');
      const bordered = (input: Map, filter: Map) =>
        tf.conv2d(
          tf.pad(input, [
            [0, 0],
            [1, 1],
            [1, 1],
            [0, 0],
          ]),
          filter,
          1,
          'valid',
        );
      compare([inside, bordered], x, kernel, dy);
    });
  });
}

for (const [size, padding, batch] of [
  [4, 1, 3],
  [5, 1, 3],
  [3, 0, 3],
  [6, 2, 1],
  [7, 1, 2],
] as const) {
  const map = `a map of ${size}x${size} with a border of ${padding}`;
  test(`a convolution of 3x3 with stride 2 over ${map}, and its gradients`, () => {
    tf.tidy(() => {
      const whole = size + 2 * padding;
      const x = noise([batch, whole, whole, 256], 1);
      const kernel = noise([3, 3, 256, 512], 2);
      const out = Math.floor((whole - 3) / 2) + 1;
      const dy = noise([batch, out, out, 512], 3);
      const strided = (input: Map, filter: Map) => tf.conv2d(input, filter, 2, 'valid');
      // The same by halves, whose kernels TensorFlow keeps for itself.
      const halves = (input: Map, filter: Map) =>
        tf.concat(
          tf.split(filter, 4, 3).map((quarter) => strided(input, quarter as Map)),
          3,
        );
      compare([strided, halves], x, kernel, dy);
    });
  });
}

test('with a bias, and as a layer has it', () => {
  tf.tidy(() => {
    const x = noise([3, 2, 2, 256], 1);
    const kernel = noise([3, 3, 256, 512], 2);
    const bias = tf.randomNormal([512], 0, 1, 'float32', 3);
    const fused = tf.fused.conv2d({ x, filter: kernel, strides: 1, pad: 'same', bias });
    const composed = tf.add(tf.conv2d(x, kernel, 1, 'same'), bias);
    assert.ok(tf.max(tf.abs(tf.sub(fused, composed))).dataSync()[0] < 1e-3);
  });
});

test('nothing is left behind', () => {
  const [x, kernel] = [noise([3, 2, 2, 256], 1), noise([3, 3, 256, 512], 2)];
  const before = tf.memory().numTensors;
  tf.conv2d(x, kernel, 1, 'same').dispose();
  assert.equal(tf.memory().numTensors, before);
  tf.dispose([x, kernel]);
});
