import { defineLayer } from './layer.js';
import { poolArguments, poolFields, poolShape } from './pool.js';
import { explicitPadding } from './windows.js';

/** [height, width, channels] → [height', width', channels]. */
export const avgPool = defineLayer({
  type: 'avg_pool',
  description: 'The mean of each window',
  fields: poolFields(
    '`same` and `valid` as in TensorFlow, where padding does not count for the mean (for windows of 2 by 2 that is ' +
      '`ceil_mode` of PyTorch); a number is zeros on each side that do count, as in PyTorch',
  ),
  outputShape: (spec, input) => poolShape('avg_pool', spec, input),
  build: ({ tf: { layers } }, spec, { name }) => [
    ...explicitPadding(spec.padding, name).map((around) => layers.zeroPadding2d(around)),
    layers.averagePooling2d(poolArguments(spec, name)),
  ],
});
