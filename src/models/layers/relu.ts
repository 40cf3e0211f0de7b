import { defineLayer } from './layer.js';

/** Any shape, which it keeps. */
export const relu = defineLayer({
  type: 'relu',
  description: 'Sets negative numbers to 0',
  fields: {},
  outputShape: (_spec, input) => input,
  build: ({ tf }, _spec, { name }) => [tf.layers.reLU({ name })],
});
