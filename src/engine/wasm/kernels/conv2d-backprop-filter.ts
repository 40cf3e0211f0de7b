import * as tf from '@tensorflow/tfjs';
import { registerComposed } from './composed.js';
import { frame, requireChannelsLast, type Images } from './windows.js';

/**
 * The gradient of a convolution's filter, as a convolution itself: of the input by the output's gradient, with the
 * batch's rows and the channels in each other's place and the strides as dilations. So XNNPACK does it all in one go.
 */
export function registerConv2DBackpropFilter(): void {
  registerComposed('Conv2DBackpropFilter', ({ x, dy }, attributes) => {
    requireChannelsLast(attributes);
    const { filterShape, strides, pad, dimRoundingMode } = attributes;
    const images = x as Images;
    const windows = tf.backend_util.computeConv2DInfo(images.shape, filterShape, strides, 1, pad, dimRoundingMode);
    const { filterHeight, filterWidth, outHeight, outWidth, strideHeight, strideWidth, padInfo } = windows;
    const [height, width] = [(outHeight - 1) * strideHeight + filterHeight, (outWidth - 1) * strideWidth + filterWidth];
    const seen = frame(images, height, width, padInfo.top, padInfo.left);
    const gradient = tf.conv2d(
      tf.transpose(seen, [3, 1, 2, 0]),
      tf.transpose(dy as Images, [1, 2, 0, 3]),
      1,
      'valid',
      'NHWC',
      [strideHeight, strideWidth],
    );
    return tf.transpose(gradient, [1, 2, 0, 3]);
  });
}
