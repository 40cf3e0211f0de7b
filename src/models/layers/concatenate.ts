import { defineLayer } from './layer.js';
import { sameShape, ShapeError, shapeText } from './shapes.js';

/** Inputs that differ in their last axis alone, along which they are put together. */
export const concatenate = defineLayer({
  type: 'concatenate',
  description: 'Its inputs side by side along the last axis: where branches join',
  fields: {},
  joins: true,
  outputShape(_spec, first, ...others) {
    const leading = first.slice(0, -1);
    const other = others.find((shape) => shape.length !== first.length || !sameShape(shape.slice(0, -1), leading));
    if (other)
      throw new ShapeError(
        'inputs',
        `concatenate takes inputs that differ in their last axis alone, not ${shapeText(first)} and ${shapeText(other)}`,
      );
    return [...leading, [first, ...others].reduce((sum, shape) => sum + shape.at(-1)!, 0)];
  },
  build: ({ tf }, _spec, { name }) => [tf.layers.concatenate({ axis: -1, name })],
});
