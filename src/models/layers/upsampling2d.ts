import { Count, defaulted } from '../../schema/fields.js';
import { defineLayer } from './layer.js';
import { imageShape } from './shapes.js';

/** [height, width, channels] → [height · size, width · size, channels]. */
export const upsampling2d = defineLayer({
  type: 'upsampling2d',
  description: 'Enlarges each pixel of an image to a square of pixels',
  fields: { size: defaulted(Count('Side length of that square'), 2) },
  outputShape({ size }, input) {
    const [height, width, channels] = imageShape('upsampling2d', input);
    return [height * size, width * size, channels];
  },
  build: ({ layers }, { size }, { name }) => [layers.upSampling2d({ size: [size, size], name })],
});
