import { Type } from 'typebox';
import { defineLayer } from './layer.js';

/** A rate of dropout: from 0 to below 1. */
export const DropoutRate = (description: string) => Type.Number({ minimum: 0, exclusiveMaximum: 1, description });

/** Keeps any shape. Its random numbers are a function of the seed, the iteration and its place in the model. */
export const dropout = defineLayer({
  type: 'dropout',
  description: 'During training, sets a random share of the inputs to zero and scales up the rest to compensate',
  fields: { rate: DropoutRate('Share of the inputs that is set to zero') },
  outputShape: (_spec, input) => input,
  build: ({ layers }, { rate }, { name, index }) => [layers.dropout({ rate, stream: index, name })],
});
