import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../../contract.js';
import { type KernelCall, type KernelName, replaceKernel } from '../../kernel-registry.js';
import type { NativeBackend } from '../backend.js';

/** Kernels of fewer numbers than this stay in the processor's cache, and TensorFlow's own op is the faster one. */
const minKernelSize = 2 ** 20;
/** Up to so many pixels of output in a batch, rearranging a large kernel costs more than multiplying by it. */
const fewPixels = 128;

type Convolution = tf.backend_util.Conv2DInfo;
type Tensor4D = tf.Tensor4D;
type Shape4D = Tensor4D['shape'];

/**
 * Where one row (or column) of the kernel meets the map: `size` rows of the output, from row `out` on, lie over every
 * `stride`th row of the input, from row `into` on.
 */
interface Overlap {
  tap: number;
  out: number;
  into: number;
  size: number;
  stride: number;
}

/** A kernel's tap, which is one of its pixels, with the part of the map that it meets. */
interface Tap {
  index: number;
  rows: Overlap;
  columns: Overlap;
}

/**
 * Convolutions of large kernels over maps so small that most of the kernel lies over the border, as in the last stage
 * of ResNet-18 on 64x64 images: a product of matrices for each tap, of only those pixels that it meets. oneDNN
 * multiplies the border's zeros as well, and rearranges the whole kernel for each of the three ops at each step
 * (measured on 512 channels, batch 32, 2x2: 5.6, 7.5 and 6.8 ms of processor time against 2.5, 2.3 and 4.0). They
 * replace kernels of the backend, and so serve every model. On a GPU TensorFlow's own ops stay.
 */
export function registerSmallMaps(backend: NativeBackend): void {
  if (backend.isUsingGpuDevice) return;
  replaceWhere('Conv2D', ({ inputs: { x, filter }, attrs }) => {
    const convolution = smallConvolution(x.shape, filter.shape, attrs);
    return convolution && forward(x, filter, convolution);
  });
  replaceWhere('FusedConv2D', ({ inputs: { x, filter, bias }, attrs }) => {
    const convolution = attrs.activation === 'linear' ? smallConvolution(x.shape, filter.shape, attrs) : null;
    if (convolution === null) return null;
    const y = forward(x, filter, convolution);
    return bias === undefined ? y : tf.add(y, bias);
  });
  replaceWhere('Conv2DBackpropInput', ({ inputs: { dy, filter }, attrs }) => {
    const convolution = smallConvolution(attrs.inputShape, filter.shape, attrs);
    return convolution && inputGradient(dy, filter, convolution);
  });
  replaceWhere('Conv2DBackpropFilter', ({ inputs: { x, dy }, attrs }) => {
    const convolution = smallConvolution(x.shape, attrs.filterShape, attrs);
    return convolution && kernelGradient(x, dy, convolution);
  });
}

/** Puts `body` before a kernel of the backend, which runs where `body` gives null. */
function replaceWhere<Name extends KernelName>(
  kernelName: Name,
  body: (call: KernelCall<Name>) => Tensor | null,
): void {
  replaceKernel(kernelName, 'tensorflow', (call, original) => {
    const result = tf.tidy(() => body(call) ?? []);
    return Array.isArray(result) ? original(call) : result;
  });
}

/** What the attributes of a convolution and of its gradients say of it. Gradients have no dilations. */
type ConvolutionAttrs = Pick<tf.Conv2DAttrs, 'strides' | 'pad' | 'dataFormat' | 'dimRoundingMode'> &
  Partial<Pick<tf.Conv2DAttrs, 'dilations'>>;

/**
 * The convolution of images [n, h, w, c] by a kernel [h, w, in, out], if it is faster by products for each tap; else
 * null.
 */
function smallConvolution(
  x: number[],
  filter: number[],
  { strides, pad, dilations = 1, dataFormat, dimRoundingMode }: ConvolutionAttrs,
): Convolution | null {
  if (dataFormat !== 'NHWC' || tf.util.sizeFromShape(filter) < minKernelSize) return null;
  const [images, kernel] = [x as Shape4D, filter as Shape4D];
  const info = tf.backend_util.computeConv2DInfo(images, kernel, strides, dilations, pad, dimRoundingMode);
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, filterHeight, filterWidth } = info;
  const { batchSize, outHeight, outWidth } = info;
  if (strideHeight !== strideWidth || dilationHeight * dilationWidth !== 1) return null;
  if (batchSize * outHeight * outWidth <= fewPixels) return info;
  const met = taps(info).reduce((sum, { rows, columns }) => sum + rows.size * columns.size, 0);
  return met <= (filterHeight * filterWidth * outHeight * outWidth) / 2 ? info : null;
}

/** The taps that meet the map at all. */
function taps(convolution: Convolution): Tap[] {
  const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, padInfo } = convolution;
  const stride = convolution.strideHeight;
  const down = overlaps(filterHeight, padInfo.top, inHeight, outHeight, stride);
  const across = overlaps(filterWidth, padInfo.left, inWidth, outWidth, stride);
  return down.flatMap((rows) =>
    across.map((columns) => ({ index: rows.tap * filterWidth + columns.tap, rows, columns })),
  );
}

/**
 * Along one axis: where each of `taps` rows of a kernel meets a map of `inputs` rows that has `padding` rows before it.
 */
function overlaps(taps: number, padding: number, inputs: number, outputs: number, stride: number): Overlap[] {
  return Array.from({ length: taps }, (_, tap) => {
    const shift = tap - padding;
    const out = Math.max(0, Math.ceil(-shift / stride));
    const end = Math.min(outputs, Math.ceil((inputs - shift) / stride));
    return { tap, out, into: out * stride + shift, size: end - out, stride };
  }).filter(({ size }) => size > 0);
}

function forward(x: Tensor, filter: Tensor, convolution: Convolution): Tensor {
  const { batchSize, outHeight, outWidth, outChannels } = convolution;
  const kernels = kernelsOf(filter);
  const parts = taps(convolution).map((tap) => {
    const product = tf.matMul(part(x, tap, 'into'), kernels[tap.index]);
    return placed(product, tap.rows.out, tap.columns.out, tap, [batchSize, outHeight, outWidth, outChannels]);
  });
  return tf.addN(parts);
}

/**
 * With a stride, the pixels of the map fall into stride² grids, of which each tap meets one: pixels of the same
 * remainders by the stride. Each grid's gradient is made by itself, and then they are laid into one another.
 */
function inputGradient(dy: Tensor, filter: Tensor, convolution: Convolution): Tensor {
  const { batchSize, inHeight, inWidth, inChannels, inShape, strideHeight: stride } = convolution;
  const shape: Shape4D = [batchSize, Math.ceil(inHeight / stride), Math.ceil(inWidth / stride), inChannels];
  const kernels = kernelsOf(filter);
  const gridOf = ({ rows, columns }: Tap) => (rows.into % stride) * stride + (columns.into % stride);
  const grids = Array.from({ length: stride * stride }, (_, grid) => {
    const met = taps(convolution).filter((tap) => gridOf(tap) === grid);
    const parts = met.map((tap) => {
      const product = tf.matMul(part(dy, tap, 'out'), kernels[tap.index], false, true);
      return placed(product, Math.floor(tap.rows.into / stride), Math.floor(tap.columns.into / stride), tap, shape);
    });
    return parts.length > 0 ? tf.addN(parts) : tf.fill(shape, 0);
  });
  return stride === 1
    ? grids[0]
    : tf.slice(tf.depthToSpace(tf.concat(grids, 3) as Tensor4D, stride), [0, 0, 0, 0], inShape);
}

function kernelGradient(x: Tensor, dy: Tensor, convolution: Convolution): Tensor {
  const { inChannels, outChannels, filterHeight, filterWidth, filterShape } = convolution;
  const met = new Map(taps(convolution).map((tap) => [tap.index, tap]));
  const parts = Array.from({ length: filterHeight * filterWidth }, (_, index) => {
    const tap = met.get(index);
    return tap === undefined
      ? tf.fill([inChannels, outChannels], 0)
      : tf.matMul(part(x, tap, 'into'), part(dy, tap, 'out'), true, false);
  });
  return tf.reshape(tf.concat(parts), filterShape);
}

/** The pixels of a map that a tap meets, as rows [pixels, channels]. */
function part(map: Tensor, { rows, columns }: Tap, side: 'into' | 'out'): tf.Tensor2D {
  const [batch, height, width, channels] = map.shape as Shape4D;
  const stride = side === 'into' ? rows.stride : 1;
  const [top, left] = [rows[side], columns[side]];
  if (stride === 1) {
    const block = tf.slice(map, [0, top, left, 0], [batch, rows.size, columns.size, channels]);
    return tf.reshape(block, [-1, channels]);
  }
  // Laid out by strides, the pixels that a tap meets are a block, which is copied as a whole; StridedSlice takes 40
  // times as long.
  const [down, across] = [Math.ceil(height / stride), Math.ceil(width / stride)];
  const laidOut = tf.reshape(padded(map, stride), [batch, down, stride, across, stride, channels]);
  const begin = [0, Math.floor(top / stride), top % stride, Math.floor(left / stride), left % stride, 0];
  return tf.reshape(tf.slice(laidOut, begin, [batch, rows.size, 1, columns.size, 1, channels]), [-1, channels]);
}

/** A map whose height and width are multiples of `stride`. */
function padded(map: Tensor, stride: number): Tensor {
  const [, height, width] = map.shape as Shape4D;
  const missing = (size: number): [number, number] => [0, Math.ceil(size / stride) * stride - size];
  return height % stride === 0 && width % stride === 0
    ? map
    : tf.pad(map, [[0, 0], missing(height), missing(width), [0, 0]]);
}

/**
 * Rows [pixels, channels] of a tap in a map of zeros [batch, height, width, channels], from row `top` and column `left`
 * on.
 */
function placed(
  pixels: Tensor,
  top: number,
  left: number,
  { rows, columns }: Tap,
  [batch, height, width, channels]: Shape4D,
): Tensor {
  const borders: [number, number][] = [
    [0, 0],
    [top, height - top - rows.size],
    [left, width - left - columns.size],
    [0, 0],
  ];
  return tf.pad(tf.reshape(pixels, [batch, rows.size, columns.size, channels]), borders);
}

/** The taps of a kernel [height, width, in, out], each [in, out]. Along the first axis that is no copy. */
function kernelsOf(filter: Tensor): Tensor[] {
  const [height, width, inputs, outputs] = filter.shape as Shape4D;
  return tf.unstack(tf.reshape(filter, [height * width, inputs, outputs]));
}
