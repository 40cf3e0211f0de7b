import { product } from '../../numbers/nested.js';
import { defineLayer } from './layer.js';

/** Any shape → [n]. */
export const flatten = defineLayer({
  type: 'flatten',
  description: 'Flattens each row to one list of numbers',
  fields: {},
  outputShape: (_spec, input) => [product(input)],
  build: ({ tf }, _spec, { name, input }) => (input.length === 1 ? [] : [tf.layers.flatten({ name })]),
});
