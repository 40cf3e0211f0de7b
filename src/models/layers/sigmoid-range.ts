import { Type } from 'typebox';
import { defineLayer } from './layer.js';
import { ShapeError } from './shapes.js';

/** fastai's SigmoidRange: sigmoid(x) · (high − low) + low. Any shape, which it keeps. */
export const sigmoidRange = defineLayer({
  type: 'sigmoid_range',
  description: "Brings each number between two others by a sigmoid: fastai's SigmoidRange",
  fields: {
    low: Type.Number({ description: 'What the smallest numbers come near to' }),
    high: Type.Number({ description: 'What the largest numbers come near to' }),
  },
  outputShape({ low, high }, input) {
    if (high <= low) throw new ShapeError('high', `high must be more than low, ${low}`);
    return input;
  },
  build: ({ tf }, { low, high }, { name }) => [
    tf.layers.activation({ activation: 'sigmoid', name: `${name}_sigmoid` }),
    tf.layers.rescaling({ scale: high - low, offset: low, name }),
  ],
});
