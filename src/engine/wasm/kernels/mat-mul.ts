import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../../contract.js';
import { replaceKernel } from '../../replace-kernel.js';

/** The backend multiplies by XNNPACK, but what is to be transposed by plain loops, seven times slower. Transposing first costs little. */
export function registerMatMul(): void {
  replaceKernel(tf.BatchMatMul, 'wasm', (params, original) => {
    const { transposeA, transposeB } = params.attrs as unknown as tf.BatchMatMulAttrs;
    if (!transposeA && !transposeB) return original(params);
    const { a, b } = params.inputs as unknown as Record<'a' | 'b', Tensor>;
    return tf.tidy(() => tf.matMul(transposeA ? swap(a) : a, transposeB ? swap(b) : b));
  });
}

/** The last two axes, swapped. */
function swap(matrix: Tensor): Tensor {
  const axes = matrix.shape.map((_, axis) => axis);
  const [rows, columns] = axes.splice(-2);
  return tf.transpose(matrix, [...axes, columns, rows]);
}
