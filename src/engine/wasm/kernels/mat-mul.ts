import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../../contract.js';
import { replaceKernel } from '../../kernel-registry.js';

/**
 * Products of matrices that are to be transposed: the backend multiplies by XNNPACK, but those by plain loops, seven
 * times as slow. Transposing first costs little.
 */
export function registerMatMul(): void {
  replaceKernel('BatchMatMul', 'wasm', (call, original) => {
    const { transposeA, transposeB } = call.attrs;
    if (!transposeA && !transposeB) return original(call);
    const { a, b } = call.inputs;
    return tf.tidy(() => tf.matMul(transposeA ? swap(a) : a, transposeB ? swap(b) : b));
  });
}

/** The last two axes, swapped. */
function swap(matrix: Tensor): Tensor {
  const axes = matrix.shape.map((_, axis) => axis);
  const [rows, columns] = axes.splice(-2);
  return tf.transpose(matrix, [...axes, columns, rows]);
}
