import * as tf from '@tensorflow/tfjs';
import { uniform } from '../../../numbers/random.js';
import type { TensorSpec, TensorValues } from '../../contract.js';

/**
 * Made-up values for a function's input: float32 in [0, 1), which fits data, rates and decays alike; bytes from 0 to
 * 254; zeros for int32, which are classes and seeds. The same at each call.
 */
export function trialValues({ shape, dtype }: TensorSpec, index: number): TensorValues {
  const size = tf.util.sizeFromShape(shape);
  if (dtype === 'int32') return new Int32Array(size);
  const values = uniform(new Float32Array(size), { seed: 0, purpose: 'inputs', index });
  return dtype === 'uint8' ? Uint8Array.from(values, (value) => value * 255) : values;
}
