import * as tf from '@tensorflow/tfjs';
import { registerComposed } from './composed.js';
import { frame, spread, tap, turned, type Images, type Windows } from './windows.js';

/** What a depthwise convolution's two gradients are told of it. */
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

/** The gradient of the input: a depthwise convolution, channel by channel of the output; those of one input channel are added up. */
export function registerDepthwiseBackpropInput(): void {
  registerComposed(tf.DepthwiseConv2dNativeBackpropInput, ({ dy, filter }, attributes) => {
    const kernel = filter as tf.Tensor4D;
    const [, , inChannels, multiplier] = kernel.shape;
    const windows = windowsOf(attributes.inputShape, kernel.shape, attributes);
    const {
      batchSize,
      inHeight,
      inWidth,
      strideHeight,
      strideWidth,
      padInfo,
      effectiveFilterHeight,
      effectiveFilterWidth,
      dilationHeight,
      dilationWidth,
    } = windows;
    const steps = spread(dy as Images, [strideHeight, strideWidth]);
    const [top, left] = [effectiveFilterHeight - 1 - padInfo.top, effectiveFilterWidth - 1 - padInfo.left];
    const framed = frame(steps, inHeight + effectiveFilterHeight - 1, inWidth + effectiveFilterWidth - 1, top, left);
    const single = tf.reshape<tf.Rank.R4>(turned(kernel), [
      kernel.shape[0],
      kernel.shape[1],
      inChannels * multiplier,
      1,
    ]);
    const each = tf.depthwiseConv2d(framed, single, 1, 'valid', 'NHWC', [dilationHeight, dilationWidth]);
    return multiplier === 1
      ? each
      : tf.sum(tf.reshape(each, [batchSize, inHeight, inWidth, inChannels, multiplier]), -1);
  });
}

/** The gradient of the filter, tap by tap: what the tap has seen, times what came of it, added up over all pixels. */
export function registerDepthwiseBackpropFilter(): void {
  registerComposed(tf.DepthwiseConv2dNativeBackpropFilter, ({ x, dy }, attributes) => {
    const { filterShape } = attributes;
    const images = x as Images;
    const windows = windowsOf(images.shape, filterShape, attributes);
    const {
      batchSize,
      inChannels,
      outHeight,
      outWidth,
      strideHeight,
      strideWidth,
      padInfo,
      effectiveFilterHeight,
      effectiveFilterWidth,
    } = windows;
    const [height, width] = [
      (outHeight - 1) * strideHeight + effectiveFilterHeight,
      (outWidth - 1) * strideWidth + effectiveFilterWidth,
    ];
    const padded = frame(images, height, width, padInfo.top, padInfo.left);
    const pixels = batchSize * outHeight * outWidth;
    const multiplier = filterShape[3];
    const ones = tf.ones([1, pixels]);
    const gradient = tf.reshape(dy, [pixels, inChannels, multiplier]);
    const taps = Array.from({ length: filterShape[0] * filterShape[1] }, (_, i) => {
      const seen = tf.reshape(tap(padded, Math.floor(i / filterShape[1]), i % filterShape[1], windows), [
        pixels,
        inChannels,
        1,
      ]);
      // A product with ones adds up the rows faster than the backend's `Sum` does.
      return tf.matMul(ones, tf.reshape(tf.mul(seen, gradient), [pixels, inChannels * multiplier]));
    });
    return tf.reshape(tf.concat(taps, 0), filterShape);
  });
}
