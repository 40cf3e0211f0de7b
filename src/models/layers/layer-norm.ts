import { defaulted, Positive } from '../../schema/fields.js';
import { defineLayer } from './layer.js';
import { atOne, atZero } from './starts.js';

/** Normalizes over the last axis of any shape, row by row, pixel by pixel. Parameters are [length of that axis]. */
export const layerNorm = defineLayer({
  type: 'layer_norm',
  description:
    'Normalizes the numbers on the last axis of each row to mean 0 and variance 1, then applies a learned scale and ' +
    'offset',
  fields: { eps: defaulted(Positive('Added to the variance, against division by zero'), 1e-5) },
  kinds: { gamma: 'norm', beta: 'norm' },
  outputShape: (_spec, input) => input,
  parameters: (_spec, input) => ({
    gamma: { shape: input.slice(-1), start: atOne },
    beta: { shape: input.slice(-1), start: atZero },
  }),
  build: ({ tf }, { eps: epsilon }, { name }) => [tf.layers.layerNormalization({ epsilon, name })],
});
