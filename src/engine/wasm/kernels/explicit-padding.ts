import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../../contract.js';
import { replaceKernel } from '../../replace-kernel.js';

type Attributes = Pick<tf.FusedConv2DAttrs, 'strides' | 'pad' | 'dilations' | 'dimRoundingMode'>;

/** Where the stride is larger than the filter, the backend's convolutions with `same` padding answer zeros; with the same padding in numbers they are right. */
export function registerExplicitPadding(): void {
  wrap(tf.Conv2D, false);
  wrap(tf.FusedConv2D, false);
  wrap(tf.DepthwiseConv2dNative, true);
  wrap(tf.FusedDepthwiseConv2D, true);
}

function wrap(kernelName: string, depthwise: boolean): void {
  replaceKernel(kernelName, 'wasm', (params, original) => {
    const { strides, pad, dilations, dimRoundingMode } = params.attrs as unknown as Attributes;
    if (pad !== 'same') return original(params);
    const { x, filter } = params.inputs as unknown as Record<'x' | 'filter', Tensor>;
    const shapes = [x.shape, filter.shape] as [tf.Tensor4D['shape'], tf.Tensor4D['shape']];
    const { top, bottom, left, right } = tf.backend_util.computeConv2DInfo(
      ...shapes,
      strides,
      dilations,
      pad,
      dimRoundingMode,
      depthwise,
    ).padInfo;
    const padding = [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ];
    return original({ ...params, attrs: { ...params.attrs, pad: padding } });
  });
}
