import * as tf from '@tensorflow/tfjs';
import { replaceKernel } from '../../kernel-registry.js';

/**
 * Convolutions with `same` padding get it in numbers of pixels: where the stride is larger than the filter, the
 * backend's own `same` gives zeros.
 */
export function registerExplicitPadding(): void {
  replaceSamePadding('Conv2D', false);
  replaceSamePadding('FusedConv2D', false);
  replaceSamePadding('DepthwiseConv2dNative', true);
  replaceSamePadding('FusedDepthwiseConv2D', true);
}

type Convolution = 'Conv2D' | 'FusedConv2D' | 'DepthwiseConv2dNative' | 'FusedDepthwiseConv2D';
type Shape4D = tf.Tensor4D['shape'];

function replaceSamePadding(kernelName: Convolution, depthwise: boolean): void {
  replaceKernel(kernelName, 'wasm', (call, original) => {
    const { strides, pad, dimRoundingMode } = call.attrs;
    if (pad !== 'same') return original(call);
    // Its types say otherwise, but TensorFlow.js's depthwise layer leaves the dilations null.
    const dilations = (call.attrs.dilations as [number, number] | number | null) ?? 1;
    const [x, filter] = [call.inputs.x.shape as Shape4D, call.inputs.filter.shape as Shape4D];
    const windows = tf.backend_util.computeConv2DInfo(x, filter, strides, dilations, pad, dimRoundingMode, depthwise);
    const { top, bottom, left, right } = windows.padInfo;
    const padding: tf.backend_util.ExplicitPadding = [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ];
    return original({ ...call, attrs: { ...call.attrs, pad: padding } });
  });
}
