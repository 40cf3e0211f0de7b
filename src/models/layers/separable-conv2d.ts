import { Count, defaulted } from '../../schema/fields.js';
import { kernelFields, startOf } from './kernel.js';
import { defineLayer } from './layer.js';
import { imageShape } from './shapes.js';
import { explicitPadding, paddingField, windowedShape, windowRule } from './windows.js';

/**
 * [height, width, channels] → [height', width', filters]; depthwise_kernel [side, side, channels, multiplier],
 * pointwise_kernel [1, 1, channels · multiplier, filters], bias [filters].
 */
export const separableConv2d = defineLayer({
  type: 'separable_conv2d',
  description: 'A convolution of each channel separately, then a 1x1 convolution over all of them',
  fields: {
    filters: Count('Number of output channels'),
    kernel: Count('Side length of the kernel'),
    stride: defaulted(Count('Step of the kernel'), 1),
    padding: paddingField('`same` or `valid` as in TensorFlow, or the number of zeros on each side as in PyTorch'),
    multiplier: defaulted(Count('Number of intermediate channels per input channel'), 1),
    ...kernelFields(),
  },
  kinds: { depthwise_kernel: 'weight', pointwise_kernel: 'weight', bias: 'bias' },
  outputShape({ kernel, stride, padding, filters }, input) {
    const image = imageShape('separable_conv2d', input);
    return [...windowedShape(image, 'kernel', { window: kernel, stride, padding }), filters];
  },
  parameters(spec, [, , channels]) {
    const { kernel, multiplier, filters, use_bias } = spec;
    const between = channels * multiplier;
    const [depthwise, pointwise] = [startOf(kernel * kernel, spec), startOf(between, spec)];
    return {
      depthwise_kernel: { shape: [kernel, kernel, channels, multiplier], start: depthwise.kernel },
      pointwise_kernel: { shape: [1, 1, between, filters], start: pointwise.kernel },
      ...(use_bias && { bias: { shape: [filters], start: pointwise.bias } }),
    };
  },
  build({ tf: { layers } }, { filters, kernel, stride, padding, multiplier, use_bias: useBias }, { name }) {
    const { around, rule } = windowRule(padding, kernel, stride);
    const shared = { filters, kernelSize: kernel, strides: stride, depthMultiplier: multiplier, useBias };
    const initializers = {
      depthwiseInitializer: 'zeros',
      pointwiseInitializer: 'zeros',
      biasInitializer: 'zeros',
    } as const;
    return [
      ...explicitPadding(around, name).map((pad) => layers.zeroPadding2d(pad)),
      layers.separableConv2d({ ...shared, padding: rule, ...initializers, name }),
    ];
  },
});
