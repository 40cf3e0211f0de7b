import * as tf from '@tensorflow/tfjs';
import type { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js';
import type { TFEOpAttr } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js';
import type { Tensor } from '../../contract.js';
import { replaceKernel } from '../../replace-kernel.js';

/**
 * TensorFlow.js multiplies any two matrices by `BatchMatMulV2`, a batch of one. TensorFlow's `MatMul` takes a quarter off a step of an MLP
 * (measured on 2 cores, 784-256-128-10 with 64 rows: 0.48 to 0.37 ms).
 */
export function registerMatMul(backend: NodeJSKernelBackend): void {
  const { binding } = backend;
  const flag = (name: string, value: boolean): TFEOpAttr => ({ name, type: binding.TF_ATTR_BOOL, value });
  replaceKernel(tf.BatchMatMul, 'tensorflow', (params, original) => {
    const { transposeA, transposeB } = params.attrs as unknown as tf.BatchMatMulAttrs;
    const { a, b } = params.inputs as unknown as Record<'a' | 'b', Tensor>;
    if (!isMatrix(a) || !isMatrix(b)) return original(params);
    const attributes: TFEOpAttr[] = [
      { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
      flag('transpose_a', transposeA),
      flag('transpose_b', transposeB),
    ];
    return tf.tidy(() => {
      const product = backend.executeSingleOutput('MatMul', attributes, [matrix(a), matrix(b)]);
      return a.rank === 2 && b.rank === 2 ? product : tf.reshape(product, [1, ...product.shape]);
    });
  });
}

/** A matrix, or a batch of one, as TensorFlow.js's dense layers make it. */
const isMatrix = ({ dtype, rank, shape }: Tensor): boolean =>
  dtype === 'float32' && (rank === 2 || (rank === 3 && shape[0] === 1));

const matrix = (tensor: Tensor): Tensor => (tensor.rank === 2 ? tensor : tf.reshape(tensor, tensor.shape.slice(1)));
