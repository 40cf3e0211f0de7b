import { defineLayer } from './layer.js';
import { imageShape } from './shapes.js';

/** [height, width, channels] → [channels]. */
export const globalAvgPool = defineLayer({
  type: 'global_avg_pool',
  description: 'The mean of each channel',
  fields: {},
  outputShape(_spec, input) {
    const [, , channels] = imageShape('global_avg_pool', input);
    return [channels];
  },
  build: ({ tf }, _spec, { name }) => [tf.layers.globalAveragePooling2d({ name })],
});
