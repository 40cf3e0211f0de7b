import { Type } from 'typebox';
import { defineLayer } from './layer.js';
import { ShapeError } from './shapes.js';

/** fastai's SigmoidRange: sigmoid(x) · (high − low) + low. Any shape, which it keeps. */
export const sigmoidRange = defineLayer({
  type: 'sigmoid_range',
  description: "Maps each number into a range with a sigmoid: fastai's SigmoidRange",
  fields: {
    low: Type.Number({ description: 'Lower end of the range' }),
    high: Type.Number({ description: 'Upper end of the range' }),
  },
  outputShape({ low, high }, input) {
    if (high <= low) throw new ShapeError('high', `high must be greater than low, ${low}`);
    return input;
  },
  build: ({ tf }, { low, high }, { name }) => [
    tf.layers.activation({ activation: 'sigmoid', name: `${name}_sigmoid` }),
    tf.layers.rescaling({ scale: high - low, offset: low, name }),
  ],
});
