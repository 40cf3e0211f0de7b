import * as tf from '@tensorflow/tfjs';
import { registerComposed } from './composed.js';
import { frame, spread, tap, turned, type Images, type Windows } from './windows.js';

/** What both gradients of a depthwise convolution know of it. */
type Attributes = Pick<
  tf.DepthwiseConv2dNativeBackpropFilterAttrs,
  'strides' | 'pad' | 'dilations' | 'dimRoundingMode'
>;

function windowsOf(
  inputShape: [number, number, number, number],
  filterShape: [number, number, number, number],
  attributes: Attributes,
): Windows {
  const { strides, pad, dilations, dimRoundingMode } = attributes;
  return tf.backend_util.computeConv2DInfo(inputShape, filterShape, strides, dilations, pad, dimRoundingMode, true);
}

/**
 * The gradient of the input: a depthwise convolution of the output's channels; those of one input channel are added up.
 */
export function registerDepthwiseBackpropInput(): void {
  registerComposed('DepthwiseConv2dNativeBackpropInput', ({ dy, filter }, attributes) => {
    const kernel = filter as tf.Tensor4D;
    const [height, width, inChannels, multiplier] = kernel.shape;
    const windows = windowsOf(attributes.inputShape, kernel.shape, attributes);
    const { batchSize, inHeight, inWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = windows;
    const { effectiveFilterHeight: filterHeight, effectiveFilterWidth: filterWidth, padInfo } = windows;
    const [top, left] = [filterHeight - 1 - padInfo.top, filterWidth - 1 - padInfo.left];
    const gradients = spread(dy as Images, [strideHeight, strideWidth]);
    const framed = frame(gradients, inHeight + filterHeight - 1, inWidth + filterWidth - 1, top, left);
    const single = tf.reshape<tf.Rank.R4>(turned(kernel), [height, width, inChannels * multiplier, 1]);
    const each = tf.depthwiseConv2d(framed, single, 1, 'valid', 'NHWC', [dilationHeight, dilationWidth]);
    return multiplier === 1
      ? each
      : tf.sum(tf.reshape(each, [batchSize, inHeight, inWidth, inChannels, multiplier]), -1);
  });
}

/**
 * The gradient of the filter, tap by tap: the pixels that the tap has seen, times the output's gradient, added up over
 * all.
 */
export function registerDepthwiseBackpropFilter(): void {
  registerComposed('DepthwiseConv2dNativeBackpropFilter', ({ x, dy }, attributes) => {
    const { filterShape } = attributes;
    const input = x as Images;
    const windows = windowsOf(input.shape, filterShape, attributes);
    const { batchSize, inChannels, outHeight, outWidth, strideHeight, strideWidth, padInfo } = windows;
    const height = (outHeight - 1) * strideHeight + windows.effectiveFilterHeight;
    const width = (outWidth - 1) * strideWidth + windows.effectiveFilterWidth;
    const padded = frame(input, height, width, padInfo.top, padInfo.left);
    const pixels = batchSize * outHeight * outWidth;
    const [filterHeight, filterWidth, , multiplier] = filterShape;
    const ones = tf.ones([1, pixels]);
    const gradient = tf.reshape(dy, [pixels, inChannels, multiplier]);
    const taps = Array.from({ length: filterHeight * filterWidth }, (_, i) => {
      const images = tap(padded, Math.floor(i / filterWidth), i % filterWidth, windows);
      const seen = tf.reshape(images, [pixels, inChannels, 1]);
      // A product with ones adds up the rows faster than the backend's `Sum` does.
      return tf.matMul(ones, tf.reshape(tf.mul(seen, gradient), [pixels, inChannels * multiplier]));
    });
    return tf.reshape(tf.concat(taps, 0), filterShape);
  });
}
