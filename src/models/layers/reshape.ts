import { Type } from 'typebox';
import { product } from '../../numbers/nested.js';
import { Count } from '../../schema/fields.js';
import { defineLayer } from './layer.js';
import { ShapeError, shapeText } from './shapes.js';

/** Any shape → another of as many numbers. */
export const reshape = defineLayer({
  type: 'reshape',
  description: 'Gives the same numbers another shape',
  fields: {
    shape: Type.Array(Count('Length of an axis'), { minItems: 1, maxItems: 3, description: 'The shape of one row' }),
  },
  outputShape({ shape }, input) {
    if (product(shape) !== product(input))
      throw new ShapeError('shape', `${shapeText(input)} cannot be reshaped to ${shapeText(shape)}`);
    return [...shape];
  },
  build: ({ tf }, { shape: targetShape }, { name }) => [tf.layers.reshape({ targetShape, name })],
});
