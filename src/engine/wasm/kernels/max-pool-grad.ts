import * as tf from '@tensorflow/tfjs';
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { registerKernel } from '../../kernel-registry.js';
import type { Windows } from './windows.js';

/**
 * The gradient of a max pool: each goes to the first maximum of its window, as in TensorFlow.
 * The backend's own is wrong where a window's maximum is negative.
 */
export function registerMaxPoolGrad(): void {
  registerKernel('MaxPoolGrad', 'wasm', ({ inputs: { dy, input }, attrs, backend }) => {
    if (!(backend instanceof BackendWasm)) throw new Error('this kernel is for the WebAssembly backend');
    const { filterSize, strides, pad, dimRoundingMode } = attrs;
    const shape = input.shape as tf.Tensor4D['shape'];
    const windows = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    const dx = backend.makeOutput(shape, 'float32');
    // Views last: making an output may move the heap.
    const [from, to, x] = [dy, dx, input].map((tensor) => backend.typedArrayFromHeap(tensor) as Float32Array);
    to.fill(0);
    scatter(from, to, x, windows);
    return dx;
  });
}

/** Adds each number of `dy` to the place in `dx` where its window's maximum of `x` is. */
function scatter(dy: Float32Array, dx: Float32Array, x: Float32Array, windows: Windows): void {
  const { batchSize, inHeight, inWidth, inChannels: channels, outHeight, outWidth } = windows;
  const first = new Int32Array(channels);
  let output = 0;
  for (let image = 0; image < batchSize; image++) {
    const start = image * inHeight * inWidth * channels;
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++) {
        findFirstMaxima(first, x, start, row, column, windows);
        for (let c = 0; c < channels; c++) dx[first[c]] += dy[output++];
      }
    }
  }
}

/** Writes into `first` where in `x`, for each channel, the first maximum is within the window of one output pixel. */
function findFirstMaxima(
  first: Int32Array,
  x: Float32Array,
  start: number,
  row: number,
  column: number,
  windows: Windows,
): void {
  const { inHeight, inWidth, inChannels: channels, strideHeight, strideWidth, padInfo } = windows;
  const [top, left] = [row * strideHeight - padInfo.top, column * strideWidth - padInfo.left];
  const [fromRow, fromColumn] = [Math.max(0, top), Math.max(0, left)];
  const toRow = Math.min(inHeight, top + windows.effectiveFilterHeight);
  const toColumn = Math.min(inWidth, left + windows.effectiveFilterWidth);
  const corner = start + (fromRow * inWidth + fromColumn) * channels;
  for (let c = 0; c < channels; c++) first[c] = corner + c;
  for (let r = fromRow; r < toRow; r++) {
    for (let k = fromColumn; k < toColumn; k++) {
      const pixel = start + (r * inWidth + k) * channels;
      for (let c = 0; c < channels; c++) if (x[pixel + c] > x[first[c]]) first[c] = pixel + c;
    }
  }
}
