import { Count, defaulted } from '../../schema/fields.js';
import { kernelFields, kernelKinds, startOf, zeroInitializers } from './kernel.js';
import { defineLayer } from './layer.js';
import { imageShape } from './shapes.js';
import { explicitPadding, paddingField, windowedShape, windowRule } from './windows.js';

/**
 * [height, width, channels] → [height', width', channels · multiplier]; kernel [side, side, channels, multiplier], bias
 * [channels · multiplier].
 */
export const depthwiseConv2d = defineLayer({
  type: 'depthwise_conv2d',
  description: 'A convolution of each channel separately, with square kernels',
  fields: {
    kernel: Count('Side length of the kernel'),
    stride: defaulted(Count('Step of the kernel'), 1),
    padding: paddingField('`same` or `valid` as in TensorFlow, or the number of zeros on each side as in PyTorch'),
    multiplier: defaulted(Count('Number of output channels per input channel'), 1),
    ...kernelFields(),
  },
  kinds: kernelKinds,
  outputShape({ kernel, stride, padding, multiplier }, input) {
    const image = imageShape('depthwise_conv2d', input);
    return [...windowedShape(image, 'kernel', { window: kernel, stride, padding }), image[2] * multiplier];
  },
  parameters(spec, [, , channels]) {
    const { kernel, multiplier, use_bias } = spec;
    // Each output sees one channel.
    const start = startOf(kernel * kernel, spec);
    return {
      kernel: { shape: [kernel, kernel, channels, multiplier], start: start.kernel },
      ...(use_bias && { bias: { shape: [channels * multiplier], start: start.bias } }),
    };
  },
  build({ tf: { layers } }, { kernel, stride, padding, multiplier, use_bias: useBias }, { name }) {
    const { around, rule } = windowRule(padding, kernel, stride);
    const shared = { kernelSize: kernel, strides: stride, depthMultiplier: multiplier, useBias, padding: rule };
    return [
      ...explicitPadding(around, name).map((pad) => layers.zeroPadding2d(pad)),
      layers.depthwiseConv2d({ ...shared, depthwiseInitializer: 'zeros', ...zeroInitializers, name }),
    ];
  },
});
