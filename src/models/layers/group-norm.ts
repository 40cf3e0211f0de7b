import { Count, defaulted, Positive } from '../../schema/fields.js';
import { defineLayer } from './layer.js';
import { imageShape, ShapeError } from './shapes.js';
import { atOne, atZero } from './starts.js';

/** [height, width, channels], which it keeps. Parameters are [channels]. */
export const groupNorm = defineLayer({
  type: 'group_norm',
  description:
    'Normalizes each group of channels of an image to mean 0 and variance 1, then applies a learned scale and offset ' +
    'to each channel',
  fields: {
    groups: Count('Number of groups that the channels are divided into; 1 normalizes all channels together'),
    eps: defaulted(Positive('Added to the variance, against division by zero'), 1e-5),
  },
  kinds: { gamma: 'norm', beta: 'norm' },
  outputShape({ groups }, input) {
    const [, , channels] = imageShape('group_norm', input);
    if (channels % groups !== 0) throw new ShapeError('groups', `groups must divide the ${channels} channels`);
    return input;
  },
  parameters: (_spec, input) => ({
    gamma: { shape: input.slice(-1), start: atOne },
    beta: { shape: input.slice(-1), start: atZero },
  }),
  build: ({ layers }, { groups, eps: epsilon }, { name }) => [layers.groupNormalization({ groups, epsilon, name })],
});
