import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../../contract.js';
import type { NativeBackend } from '../backend.js';
import { OpAttributes } from './op-attributes.js';

/**
 * The gradient of means: each value's share, spread by one op. TensorFlow.js multiplies a map of ones by it and divides
 * all of that, which was 4% of the kernels of a CNN with global average pooling. The same bits.
 */
export function registerMeanGradient(backend: NativeBackend): void {
  const attributes = new OpAttributes(backend.binding);
  const spread = [attributes.type('T'), attributes.type('Tidx', 'int32')];
  tf.unregisterGradient('Mean');
  tf.registerGradient({
    kernelName: 'Mean',
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => {
      const axes = tf.util.parseAxisParam(attrs.axis as number | number[], x.shape);
      const shape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
      const count = axes.reduce((product, axis) => product * x.shape[axis], 1);
      // `dy` is one tensor, for the kernel has one output.
      const share = () => tf.div(tf.reshape(dy as Tensor, shape), count);
      return { x: () => backend.executeSingleOutput('BroadcastTo', spread, [share(), tf.tensor1d(x.shape, 'int32')]) };
    },
  });
}
