import * as tf from '@tensorflow/tfjs';

/**
 * Runs `compute` and frees the tensors that it made, as `tf.tidy` does, for a function that returns plain values.
 * `tf.tidy` itself searches what it returns for tensors to keep, and so looks at every number of every array.
 */
export function tidyValues<T>(compute: () => T): T {
  const results: T[] = [];
  tf.tidy(() => {
    results.push(compute());
  });
  return results[0];
}
