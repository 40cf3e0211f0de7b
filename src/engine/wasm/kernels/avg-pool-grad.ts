import * as tf from '@tensorflow/tfjs';
import { replaceKernel } from '../../kernel-registry.js';

/**
 * TensorFlow.js's gradient of an average pool divides by the whole window, where the pool itself leaves what lies
 * outside of the image out of the mean: with `same` padding it is wrong at the border, on WebAssembly and in plain
 * JavaScript. So gradients of such windows are made larger first.
 */
export function registerAvgPoolGrad(backendName: 'wasm' | 'cpu'): void {
  replaceKernel('AvgPoolGrad', backendName, (call, original) => {
    const { filterSize, strides, pad } = call.attrs;
    if (pad === 'valid') return original(call);
    const { dy, input } = call.inputs;
    const shape = input.shape as tf.Tensor4D['shape'];
    const { outHeight, outWidth, inHeight, inWidth, strideHeight, strideWidth, filterHeight, filterWidth, padInfo } =
      tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad);
    const scaled = tf.tidy(() => {
      const rows = tf.tensor(shares(outHeight, inHeight, filterHeight, strideHeight, padInfo.top), [
        1,
        outHeight,
        1,
        1,
      ]);
      const columns = tf.tensor(shares(outWidth, inWidth, filterWidth, strideWidth, padInfo.left), [1, 1, outWidth, 1]);
      return tf.div(dy, tf.mul(rows, columns));
    });
    const dx = original({ ...call, inputs: { ...call.inputs, dy: scaled } });
    scaled.dispose();
    return dx;
  });
}

/** For each window along one axis: the share of it, from 0 to 1, that lies inside the image. */
function shares(outputs: number, inputs: number, window: number, stride: number, before: number): number[] {
  return Array.from({ length: outputs }, (_, i) => {
    const start = i * stride - before;
    return (Math.min(start + window, inputs) - Math.max(start, 0)) / window;
  });
}
