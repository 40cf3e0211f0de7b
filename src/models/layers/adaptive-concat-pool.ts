import { defineLayer } from './layer.js';
import { imageShape } from './shapes.js';

/** fastai's AdaptiveConcatPool2d and Flatten: [height, width, channels] → [2 · channels], the maxima first. */
export const adaptiveConcatPool = defineLayer({
  type: 'adaptive_concat_pool',
  description: "The maximum of each channel, then the mean of each channel: fastai's AdaptiveConcatPool2d",
  fields: {},
  outputShape(_spec, input) {
    const [, , channels] = imageShape('adaptive_concat_pool', input);
    return [2 * channels];
  },
  build: ({ layers }, _spec, { name }) => [layers.adaptiveConcatPool2d({ name })],
});
