import { defineLayer } from './layer.js';
import { imageShape } from './shapes.js';

/** [height, width, channels] → [channels]. */
export const globalMaxPool = defineLayer({
  type: 'global_max_pool',
  description: 'The maximum of each channel',
  fields: {},
  outputShape(_spec, input) {
    const [, , channels] = imageShape('global_max_pool', input);
    return [channels];
  },
  build: ({ tf }, _spec, { name }) => [tf.layers.globalMaxPooling2d({ name })],
});
