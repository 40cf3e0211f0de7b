import { Count } from '../../schema/fields.js';
import { kernelAndBias, kernelFields, kernelKinds, zeroInitializers } from './kernel.js';
import { defineLayer } from './layer.js';
import { ShapeError, shapeText } from './shapes.js';

/** [n] → [units]; kernel [n, units], bias [units]. */
export const dense = defineLayer({
  type: 'dense',
  description: 'Each output is a weighted sum of all inputs plus a bias',
  fields: { units: Count('Number of outputs'), ...kernelFields() },
  kinds: kernelKinds,
  outputShape({ units }, input) {
    if (input.length !== 1) throw new ShapeError('', `dense takes [n], not ${shapeText(input)}: flatten first`);
    return [units];
  },
  parameters: (spec, [n]) => kernelAndBias([n, spec.units], spec),
  build: ({ tf }, { units, use_bias: useBias }, { name }) => [
    tf.layers.dense({ units, useBias, ...zeroInitializers, name }),
  ],
});
