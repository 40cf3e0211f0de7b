import { defineLayer } from './layer.js';
import { sameShape, ShapeError, shapeText } from './shapes.js';

/** Inputs of one shape, which it keeps. */
export const add = defineLayer({
  type: 'add',
  description: 'The element-wise sum of its inputs, to join branches',
  fields: {},
  joins: true,
  outputShape(_spec, first, ...others) {
    const other = others.find((shape) => !sameShape(shape, first));
    if (other)
      throw new ShapeError(
        'inputs',
        `add takes inputs of the same shape, not ${shapeText(first)} and ${shapeText(other)}`,
      );
    return first;
  },
  build: ({ tf }, _spec, { name }) => [tf.layers.add({ name })],
});
