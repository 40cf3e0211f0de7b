import * as tf from '@tensorflow/tfjs';
import type { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js';
import type { Tensor } from '../../contract.js';
import { replaceKernel } from '../../replace-kernel.js';

/** Below this many numbers the kernel stays in the processor's cache, and TensorFlow's own op is the faster one. */
const largeKernel = 2 ** 20;
/** Up to so many pixels of output in a batch, rearranging a large kernel costs more than multiplying by it. */
const fewPixels = 128;

type Convolution = tf.backend_util.Conv2DInfo;
type Tensor4D = tf.Tensor4D;

/** Where one row (or column) of the kernel meets the map: `size` output rows from `out` on lie over every `stride`th input row from `into` on. */
interface Overlap {
  tap: number;
  out: number;
  into: number;
  size: number;
  stride: number;
}

/** A kernel's tap with the part of the map that it meets. */
interface Tap {
  index: number;
  rows: Overlap;
  columns: Overlap;
}

/**
 * Convolutions of large kernels over maps so small that most of the kernel lies over the border, as in the last stage of ResNet-18 on 64x64
 * images: a product of matrices for each tap, of those pixels alone that it meets. oneDNN multiplies the border's zeros as well, and
 * rearranges the whole kernel for each of the three ops at each step (measured on 512 channels, batch 32, 2x2: 5.6, 7.5 and 6.8 ms of
 * processor time against 2.5, 2.3 and 4.0).
 * Replaces three kernels of the backend, so that any model gains.
 */
export function registerSmallMaps(backend: NodeJSKernelBackend): void {
  if (backend.isUsingGpuDevice) return;
  replace('Conv2D', ({ x, filter }, attrs) => {
    const convolution = describe(x.shape, filter.shape, attrs);
    return convolution && forward(x, filter, convolution);
  });
  replace('FusedConv2D', ({ x, filter, bias }, attrs) => {
    const convolution = attrs.activation === 'linear' ? describe(x.shape, filter.shape, attrs) : null;
    if (convolution === null) return null;
    const y = forward(x, filter, convolution);
    return (bias as Tensor | undefined) === undefined ? y : tf.add(y, bias);
  });
  replace('Conv2DBackpropInput', ({ dy, filter }, attrs) => {
    const convolution = describe(attrs.inputShape as number[], filter.shape, attrs);
    return convolution && inputGradient(dy, filter, convolution);
  });
  replace('Conv2DBackpropFilter', ({ x, dy }, attrs) => {
    const convolution = describe(x.shape, attrs.filterShape as number[], attrs);
    return convolution && kernelGradient(x, dy, convolution);
  });
}

type Body = (inputs: Record<string, Tensor>, attrs: tf.NamedAttrMap) => Tensor | null;

/** Puts `body` before a kernel of the backend, which runs where `body` gives null. */
function replace(kernelName: string, body: Body): void {
  replaceKernel(kernelName, 'tensorflow', (params, original) => {
    const result = tf.tidy(() => body(params.inputs as Record<string, Tensor>, params.attrs ?? {}) ?? []);
    return Array.isArray(result) ? original(params) : result;
  });
}

/** The convolution, if it is one of those that are meant here. */
function describe(
  x: number[],
  filter: number[],
  { strides, pad, dilations = 1, dataFormat, dimRoundingMode }: tf.NamedAttrMap,
): Convolution | null {
  if (dataFormat !== 'NHWC' || tf.util.sizeFromShape(filter) < largeKernel) return null;
  const convolution = tf.backend_util.computeConv2DInfo(
    x as [number, number, number, number],
    filter as [number, number, number, number],
    strides as number,
    dilations as number,
    pad as 'same',
    dimRoundingMode as 'floor',
  );
  const {
    strideHeight,
    strideWidth,
    dilationHeight,
    dilationWidth,
    filterHeight,
    filterWidth,
    batchSize,
    outHeight,
    outWidth,
  } = convolution;
  if (strideHeight !== strideWidth || dilationHeight * dilationWidth !== 1) return null;
  if (batchSize * outHeight * outWidth <= fewPixels) return convolution;
  const met = taps(convolution).reduce((sum, { rows, columns }) => sum + rows.size * columns.size, 0);
  return met <= (filterHeight * filterWidth * outHeight * outWidth) / 2 ? convolution : null;
}

function taps({
  inHeight,
  inWidth,
  outHeight,
  outWidth,
  filterHeight,
  filterWidth,
  strideHeight: stride,
  padInfo,
}: Convolution): Tap[] {
  const down = overlaps(filterHeight, padInfo.top, inHeight, outHeight, stride);
  const across = overlaps(filterWidth, padInfo.left, inWidth, outWidth, stride);
  return down.flatMap((rows) =>
    across.map((columns) => ({ index: rows.tap * filterWidth + columns.tap, rows, columns })),
  );
}

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

/** With a stride, the pixels of the map fall into stride² grids, of which each tap meets one; their gradients are laid into one another. */
function inputGradient(dy: Tensor, filter: Tensor, convolution: Convolution): Tensor {
  const { batchSize, inHeight, inWidth, inChannels, inShape, strideHeight: stride } = convolution;
  const shape: Tensor4D['shape'] = [batchSize, Math.ceil(inHeight / stride), Math.ceil(inWidth / stride), inChannels];
  const kernels = kernelsOf(filter);
  const grids = Array.from({ length: stride * stride }, (_, grid) => {
    const met = taps(convolution).filter(
      ({ rows, columns }) => (rows.into % stride) * stride + (columns.into % stride) === grid,
    );
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
  const [batch, height, width, channels] = map.shape as Tensor4D['shape'];
  const stride = side === 'into' ? rows.stride : 1;
  if (stride === 1)
    return tf.reshape(tf.slice(map, [0, rows[side], columns[side], 0], [batch, rows.size, columns.size, channels]), [
      -1,
      channels,
    ]);
  // Laid out by strides, the pixels that a tap meets are a block, which is copied as a whole; StridedSlice would take forty times as long.
  const laidOut = tf.reshape(padded(map, stride), [
    batch,
    Math.ceil(height / stride),
    stride,
    Math.ceil(width / stride),
    stride,
    channels,
  ]);
  const [top, left] = [rows[side], columns[side]];
  const begin = [0, Math.floor(top / stride), top % stride, Math.floor(left / stride), left % stride, 0];
  return tf.reshape(tf.slice(laidOut, begin, [batch, rows.size, 1, columns.size, 1, channels]), [-1, channels]);
}

/** A map whose height and width are multiples of `stride`. */
function padded(map: Tensor, stride: number): Tensor {
  const [, height, width] = map.shape as Tensor4D['shape'];
  const missing = (size: number): [number, number] => [0, Math.ceil(size / stride) * stride - size];
  return height % stride === 0 && width % stride === 0
    ? map
    : tf.pad(map, [[0, 0], missing(height), missing(width), [0, 0]]);
}

/** Rows [pixels, channels] of a tap in a map of zeros, from row `top` and column `left` on. */
function placed(
  pixels: Tensor,
  top: number,
  left: number,
  { rows, columns }: Tap,
  [batch, height, width, channels]: Tensor4D['shape'],
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
  const [height, width, inputs, outputs] = filter.shape as Tensor4D['shape'];
  return tf.unstack(tf.reshape(filter, [height * width, inputs, outputs]));
}
