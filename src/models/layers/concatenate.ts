import { defineLayer } from './layer.js';
import { sameShape, ShapeError, shapeText } from './shapes.js';

/** Inputs that differ in their last axis at most, which becomes as long as all of theirs. */
export const concatenate = defineLayer({
  type: 'concatenate',
  description: 'Concatenates its inputs along the last axis',
  fields: {},
  joins: true,
  outputShape(_spec, ...inputs) {
    const [first] = inputs;
    const other = inputs.find((shape) => !sameShape(shape.slice(0, -1), first.slice(0, -1)));
    if (other) {
      const shapes = `${shapeText(first)} and ${shapeText(other)}`;
      throw new ShapeError('inputs', `concatenate takes inputs that differ in the last axis only, not ${shapes}`);
    }
    return [...first.slice(0, -1), inputs.reduce((sum, shape) => sum + shape.at(-1)!, 0)];
  },
  build: ({ tf }, _spec, { name }) => [tf.layers.concatenate({ axis: -1, name })],
});
