import { Count, defaulted, Positive } from '../../schema/fields.js';
import { defineLayer } from './layer.js';
import { imageShape, ShapeError } from './shapes.js';
import { atOne, atZero } from './starts.js';

/** [height, width, channels], which it keeps. Parameters are [channels]. */
export const groupNorm = defineLayer({
  type: 'group_norm',
  description:
    'Brings each group of channels of an image to mean 0 and variance 1, then each channel to a scale and an offset ' +
    'that are learned',
  fields: {
    groups: Count('How many groups the channels make; 1 takes all of them together'),
    eps: defaulted(Positive('What is added to the variance'), 1e-5),
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
