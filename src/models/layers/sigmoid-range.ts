import { Type } from 'typebox';
import { defineLayer } from './layer.js';
import { ShapeError } from './shapes.js';

/** Any shape, which it keeps. */
export const sigmoidRange = defineLayer({
  type: 'sigmoid_range',
  description: "A sigmoid between two numbers: fastai's SigmoidRange",
  fields: {
    low: Type.Number({ description: 'What it comes near to for low inputs' }),
    high: Type.Number({ description: 'What it comes near to for high inputs' }),
  },
  outputShape({ low, high }, input) {
    if (!(low < high)) throw new ShapeError('high', `high must be above low, ${low}`);
    return input;
  },
  build: ({ tf }, { low, high }, { name }) => [
    tf.layers.activation({ activation: 'sigmoid', name }),
    tf.layers.rescaling({ scale: high - low, offset: low, name: `${name}_range` }),
  ],
});
