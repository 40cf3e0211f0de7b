/**
 * The kernels of the WebAssembly backend that are ours, and the gradients that go through them, beside TensorFlow.js's
 * backend in plain JavaScript.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor4D } from '@tensorflow/tfjs';
import type { Tensor } from '../../../src/engine/index.js';
import { createWasmEngine } from '../../../src/engine/wasm/index.js';
import { uniform } from '../../../src/numbers/random.js';
import { product } from '../../../src/numbers/nested.js';

const { tf } = await createWasmEngine({ threads: 2 });

type Images = Tensor4D;

interface Case {
  name: string;
  shapes: number[][];
  compute: (...inputs: Tensor[]) => Tensor;
  /** The same in other operations, where the backend in plain JavaScript is wrong as well. */
  reference?: (...inputs: Tensor[]) => Tensor;
  /** Rounds the inputs so that many are equal. */
  ties?: boolean;
}

const cross = <A, B>(as: readonly A[], bs: readonly B[]): [A, B][] => as.flatMap((a) => bs.map((b): [A, B] => [a, b]));
const paddings = ['same', 'valid'] as const;

const convolutions = cross(
  cross([1, 2, 3, [1, 2] as [number, number]], paddings),
  cross(
    [
      [7, 8],
      [5, 6],
    ],
    [
      [1, 1],
      [2, 2],
      [3, 3],
      [3, 2],
      [5, 5],
    ],
  ),
).map(([[strides, padding], [size, filter]]): Case => ({
  name: `conv2d of ${size.join('x')} by ${filter.join('x')}, strides ${String(strides)}, ${padding}`,
  shapes: [
    [2, ...size, 3],
    [...filter, 3, 4],
  ],
  compute: (x, w) => tf.conv2d(x as Images, w as Images, strides, padding),
}));

const depthwise = cross(cross([1, 2, 3], paddings), cross([1, 2, 3], [1, 2])).map(
  ([[strides, padding], [filter, multiplier]]): Case => ({
    name: `depthwiseConv2d by ${filter}x${filter}, strides ${strides}, ${padding}, ${multiplier} a channel`,
    shapes: [
      [2, 7, 8, 3],
      [filter, filter, 3, multiplier],
    ],
    compute: (x, w) => tf.depthwiseConv2d(x as Images, w as Images, strides, padding),
  }),
);

const pools = cross(
  cross(
    [
      [2, 2],
      [3, 2],
      [3, 1],
      [2, 1],
      [2, 3],
    ],
    paddings,
  ),
  cross([0, -5], [false, true]),
).map(([[[size, strides], padding], [offset, ties]]): Case => ({
  name: `maxPool ${size} by ${strides}, ${padding}, from ${offset}${ties ? ', with ties' : ''}`,
  shapes: [[2, 7, 8, 3]],
  compute: (x) => tf.maxPool(tf.add<Images>(x, offset), size, strides, padding),
  ties,
}));

/** The sum over a window by the pixels in it. */
function meanInside(x: Images, size: number, strides: number, padding: 'same' | 'valid'): Tensor {
  const { top, bottom, left, right } = tf.backend_util.computePool2DInfo(x.shape, size, strides, 1, padding).padInfo;
  const over = (images: Images) =>
    tf.avgPool(
      tf.pad(images, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ]),
      size,
      strides,
      'valid',
    );
  return tf.div(over(x), over(tf.onesLike(x)));
}

const averages = cross(
  [
    [2, 2],
    [3, 2],
    [3, 1],
    [2, 1],
    [2, 3],
    [3, 4],
  ],
  paddings,
).map(([[size, strides], padding]): Case => ({
  name: `avgPool ${size} by ${strides}, ${padding}`,
  shapes: [[2, 7, 8, 3]],
  compute: (x) => tf.avgPool(x as Images, size, strides, padding),
  reference: (x) => meanInside(x as Images, size, strides, padding),
}));

const products = cross([[], [3]], cross([false, true], [false, true])).map(([batch, [a, b]]): Case => ({
  name: `matMul of rank ${2 + batch.length}${a ? ', a transposed' : ''}${b ? ', b transposed' : ''}`,
  shapes: [
    [...batch, ...(a ? [5, 4] : [4, 5])],
    [...batch, ...(b ? [6, 5] : [5, 6])],
  ],
  compute: (x, y) => tf.matMul(x, y, a, b),
}));

const others: Case[] = [
  {
    name: 'conv2d with padding in numbers',
    shapes: [
      [2, 8, 8, 3],
      [3, 3, 3, 4],
    ],
    compute: (x, w) =>
      tf.conv2d(x as Images, w as Images, 2, [
        [0, 0],
        [1, 0],
        [2, 1],
        [0, 0],
      ]),
  },
  {
    name: 'conv2dTranspose',
    shapes: [
      [2, 4, 4, 3],
      [3, 3, 5, 3],
    ],
    compute: (x, w) => tf.conv2dTranspose(x as Images, w as Images, [2, 8, 8, 5], 2, 'same'),
  },
  {
    name: 'fused conv2d by 2x2, strides 3, same',
    shapes: [[2, 5, 6, 3], [2, 2, 3, 4], [4]],
    compute: (x, filter, bias) =>
      tf.fused.conv2d({ x: x as Images, filter: filter as Images, strides: 3, pad: 'same', bias }),
  },
  {
    name: 'gather of rows, some twice',
    shapes: [[6, 3]],
    compute: (x) => tf.gather(x, tf.tensor1d([1, 2, 1, 5], 'int32')),
  },
  {
    name: 'gather along another axis',
    shapes: [[2, 6, 3]],
    compute: (x) =>
      tf.gather(
        x,
        tf.tensor2d(
          [
            [1, 2],
            [1, 5],
          ],
          [2, 2],
          'int32',
        ),
        1,
      ),
  },
  {
    name: 'unsortedSegmentSum, negative ids nowhere',
    shapes: [[5, 2]],
    compute: (x) => tf.unsortedSegmentSum(x, tf.tensor1d([1, -1, 0, 1, 3], 'int32'), 4),
  },
];

/** The result and the gradient by each input, on a backend. */
async function on(backend: string, { shapes, compute, ties }: Case): Promise<number[][]> {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const input = (shape: number[], index: number) => {
    const values = uniform(new Float32Array(product(shape)), { seed: 1, purpose: 'inputs', index }, -1, 1);
    return tf.tensor(ties === true ? values.map((value) => Math.round(value * 2)) : values, shape);
  };
  const results: number[][] = [];
  tf.tidy(() => {
    const inputs = shapes.map(input);
    const result = compute(...inputs);
    const weights = input(result.shape, 9);
    const gradients = tf.grads((...xs) => tf.sum(tf.mul(compute(...xs), weights)))(inputs);
    results.push(...[result, ...gradients].map((tensor) => [...tensor.dataSync()]));
  });
  assert.equal(tf.memory().numTensors, before, `tensors left on ${backend}`);
  return results;
}

for (const c of [...convolutions, ...depthwise, ...pools, ...averages, ...products, ...others]) {
  test(c.name, async () => {
    const expected = await on('cpu', { ...c, compute: c.reference ?? c.compute });
    const actual = await on('wasm', c);
    expected.forEach((values, i) => {
      const allowed = 1e-5 * Math.max(...values.map(Math.abs));
      assert.equal(actual[i].length, values.length);
      const wrong = values.findIndex((value, k) => !(Math.abs(actual[i][k] - value) <= allowed));
      assert.equal(
        wrong,
        -1,
        `${i === 0 ? 'result' : `gradient of input ${i - 1}`}[${wrong}] is ${actual[i][wrong]}, not ${values[wrong]}`,
      );
    });
  });
}
