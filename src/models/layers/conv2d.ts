import { Count, defaulted } from '../../schema/fields.js';
import { kernelAndBias, kernelFields, kernelKinds, zeroInitializers } from './kernel.js';
import { defineLayer } from './layer.js';
import { imageShape } from './shapes.js';
import { explicitPadding, paddingField, windowedShape, windowRule } from './windows.js';

/** [height, width, channels] → [height', width', filters]; kernel [side, side, channels, filters], bias [filters]. */
export const conv2d = defineLayer({
  type: 'conv2d',
  description: 'A convolution with a square kernel',
  fields: {
    filters: Count('Number of output channels'),
    kernel: Count('Side length of the kernel'),
    stride: defaulted(Count('Step of the kernel'), 1),
    padding: paddingField('`same` or `valid` as in TensorFlow, or the number of zeros on each side as in PyTorch'),
    ...kernelFields(),
  },
  kinds: kernelKinds,
  outputShape({ kernel, stride, padding, filters }, input) {
    return [...windowedShape(imageShape('conv2d', input), 'kernel', { window: kernel, stride, padding }), filters];
  },
  parameters: (spec, [, , channels]) => kernelAndBias([spec.kernel, spec.kernel, channels, spec.filters], spec),
  build({ tf: { layers } }, { filters, kernel, stride, padding, use_bias: useBias }, { name }) {
    const { around, rule } = windowRule(padding, kernel, stride);
    const shared = { filters, kernelSize: kernel, strides: stride, useBias };
    return [
      ...explicitPadding(around, name).map((pad) => layers.zeroPadding2d(pad)),
      layers.conv2d({ ...shared, padding: rule, ...zeroInitializers, name }),
    ];
  },
});
