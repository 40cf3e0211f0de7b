import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../../contract.js';
import { replaceKernel } from '../../replace-kernel.js';

/**
 * TensorFlow.js's gradient of an average pool divides by the whole window, where the pool itself leaves what lies outside the image out of the
 * mean: with `same` padding it is wrong at the border, on WebAssembly and in plain JavaScript. So gradients of such windows are made larger first.
 */
export function registerAvgPoolGrad(backendName: 'wasm' | 'cpu'): void {
  replaceKernel(tf.AvgPoolGrad, backendName, (params, original) => {
    const { filterSize, strides, pad } = params.attrs as unknown as tf.AvgPoolGradAttrs;
    if (pad === 'valid') return original(params);
    const { dy, input } = params.inputs as unknown as Record<'dy' | 'input', Tensor>;
    const shape = input.shape as tf.Tensor4D['shape'];
    const { outHeight, outWidth, inHeight, inWidth, strideHeight, strideWidth, filterHeight, filterWidth, padInfo } =
      tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad);
    const scaled = tf.tidy(() => {
      const rows = tf.tensor4d(shares(outHeight, inHeight, filterHeight, strideHeight, padInfo.top), [
        1,
        outHeight,
        1,
        1,
      ]);
      const columns = tf.tensor4d(shares(outWidth, inWidth, filterWidth, strideWidth, padInfo.left), [
        1,
        1,
        outWidth,
        1,
      ]);
      return tf.div(dy, tf.mul(rows, columns));
    });
    const dx = original({ ...params, inputs: { ...params.inputs, dy: scaled } });
    scaled.dispose();
    return dx;
  });
}

/** Of each window along one side: which part of it lies inside the image. */
function shares(outputs: number, inputs: number, window: number, stride: number, before: number): number[] {
  return Array.from({ length: outputs }, (_, i) => {
    const start = i * stride - before;
    return (Math.min(start + window, inputs) - Math.max(start, 0)) / window;
  });
}
