import { Type } from 'typebox';
import { defaulted, Flag, Positive, Share } from '../../schema/fields.js';
import { defineLayer } from './layer.js';
import { atOne, atValue, atZero } from './starts.js';

/** Normalizes over the last axis. Parameters are [channels]. */
export const batchNorm = defineLayer({
  type: 'batch_norm',
  description: 'Normalizes each channel to mean 0 and variance 1, then applies a learned scale and offset',
  fields: {
    eps: defaulted(Positive('Added to the variance, against division by zero'), 1e-5),
    momentum: defaulted(
      Share('Share of the running statistics that each step keeps, as in TensorFlow: 0.1 in PyTorch is 0.9 here'),
      0.9,
    ),
    zero_gamma: defaulted(Flag('Whether gamma starts at 0 instead of 1'), false),
    beta: defaulted(Type.Number({ description: "Initial value of the offset; it is 0.001 in fastai's BatchNorm" }), 0),
  },
  kinds: { gamma: 'norm', beta: 'norm', moving_mean: 'statistic', moving_variance: 'statistic' },
  outputShape: (_spec, input) => input,
  parameters({ zero_gamma, beta }, input) {
    const shape = input.slice(-1);
    return {
      gamma: { shape, start: zero_gamma ? atZero : atOne },
      beta: { shape, start: atValue(beta) },
      moving_mean: { shape, start: atZero },
      moving_variance: { shape, start: atOne },
    };
  },
  build: ({ layers }, { eps: epsilon, momentum }, { name }) => [layers.batchNormalization({ epsilon, momentum, name })],
});
