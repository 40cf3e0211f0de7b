import { defineLayer } from './layer.js';
import { ShapeError, shapeText } from './shapes.js';

/** Inputs of one shape; an axis of length 1 is repeated to the length of the others. */
export const multiply = defineLayer({
  type: 'multiply',
  description:
    'The element-wise product of its inputs; an axis of length 1 is broadcast. With ' +
    '[1, 1, channels] as the second input it scales the channels of images, as squeeze-and-excitation does',
  fields: {},
  joins: true,
  outputShape: (_spec, ...inputs) => inputs.reduce(together),
  build: ({ tf }, _spec, { name }) => [tf.layers.multiply({ name })],
});

function together(a: number[], b: number[]): number[] {
  const fits = a.length === b.length && a.every((n, i) => n === b[i] || n === 1 || b[i] === 1);
  if (!fits)
    throw new ShapeError(
      'inputs',
      `multiply takes inputs of the same shape, where an axis may be 1, not ${shapeText(a)} and ${shapeText(b)}`,
    );
  return a.map((n, i) => Math.max(n, b[i]));
}
