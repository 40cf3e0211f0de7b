import { defineLayer } from './layer.js';
import { poolArguments, poolFields, poolShape } from './pool.js';
import { explicitPadding } from './windows.js';

/** [height, width, channels] → [height', width', channels]. */
export const maxPool = defineLayer({
  type: 'max_pool',
  description: 'The maximum of each window',
  fields: poolFields(
    '`same` or `valid` as in TensorFlow, or the padding on each side as in PyTorch; padding is never the maximum',
  ),
  outputShape: (spec, input) => poolShape('max_pool', spec, input),
  build: (engine, spec, { name }) => [
    ...explicitPadding(spec.padding, name).map((around) => engine.layers.lowestPadding2d(around)),
    engine.tf.layers.maxPooling2d(poolArguments(spec, name)),
  ],
});
