/** What the native engine puts in place of TensorFlow.js's kernels and gradients, beside the formulas. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNativeEngine } from '../../../src/engine/native/index.js';

const { tf } = createNativeEngine({ eager: true });

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const selu = { alpha: 1.6732632423543772, scale: 1.0507009873554805 };

const derivatives = {
  relu: (x: number) => (x > 0 ? 1 : 0),
  relu6: (x: number) => (x > 0 && x < 6 ? 1 : 0),
  selu: (x: number) => (x > 0 ? selu.scale : selu.scale * selu.alpha * Math.exp(x)),
  softplus: sigmoid,
  sigmoid: (x: number) => sigmoid(x) * (1 - sigmoid(x)),
  tanh: (x: number) => 1 - Math.tanh(x) ** 2,
};

const close = (actual: ArrayLike<number>, expected: readonly number[]): void => {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) =>
    assert.ok(
      Math.abs(actual[i] - value) <= 1e-5 * Math.max(1, Math.abs(value)),
      `[${i}] is ${actual[i]}, not ${value}`,
    ),
  );
};

for (const [name, derivative] of Object.entries(derivatives)) {
  test(`the gradient of ${name}`, () => {
    const activation = tf[name as keyof typeof derivatives];
    const xs = [-7, -2.5, -0.3, 0.2, 1.7, 5.9, 6.1, 20];
    const weights = xs.map((_, i) => i - 3.5);
    const gradient = tf.tidy(() =>
      tf
        .grad((x) => tf.mul(activation(x), weights))(tf.tensor1d(xs))
        .dataSync(),
    );
    close(
      gradient,
      xs.map((x, i) => derivative(x) * weights[i]),
    );
  });
}

for (const batch of [[], [1], [2]]) {
  for (const transposed of [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ]) {
    const shapes = `[${[...batch, 2, 3].join(', ')}] by [${[...batch, 3, 4].join(', ')}]`;
    test(`matMul of ${shapes}, given transposed: ${transposed.join(', ')}`, () => {
      const count = batch[0] ?? 1;
      const a = (n: number, i: number, k: number) => n + i - 2 * k;
      const b = (n: number, k: number, j: number) => n * k - j + 0.5;
      const make = (
        rows: number,
        columns: number,
        turned: boolean,
        value: (n: number, row: number, column: number) => number,
      ) => {
        const values = Array.from({ length: count * rows * columns }, (_, at) => {
          const [n, rest] = [Math.floor(at / (rows * columns)), at % (rows * columns)];
          return turned
            ? value(n, rest % rows, Math.floor(rest / rows))
            : value(n, Math.floor(rest / columns), rest % columns);
        });
        return tf.tensor(values, [...batch, ...(turned ? [columns, rows] : [rows, columns])]);
      };
      const expected = Array.from({ length: count * 2 * 4 }, (_, at) => {
        const [n, i, j] = [Math.floor(at / 8), Math.floor(at / 4) % 2, at % 4];
        return [0, 1, 2].reduce((sum, k) => sum + a(n, i, k) * b(n, k, j), 0);
      });
      const [turnA, turnB] = transposed;
      tf.tidy(() => {
        const product = tf.matMul(make(2, 3, turnA, a), make(3, 4, turnB, b), turnA, turnB);
        assert.deepEqual(product.shape, [...batch, 2, 4]);
        close(product.dataSync(), expected);
      });
    });
  }
}
