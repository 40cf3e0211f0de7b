import * as tf from '@tensorflow/tfjs';
import { uniform } from '../../numbers/random.js';
import type { AdamScalars, Kernels, Tensor, Variable } from '../contract.js';

/**
 * Every operation of `Kernels` in TensorFlow.js's own terms: what an engine runs until it has something faster, and the
 * reference in tests. They run eagerly only, for `statelessUniform` looks at its seed.
 */
export const portableKernels: Kernels = {
  sparseSoftmaxCrossEntropy,
  batchNorm,
  statelessUniform,

  assign(variable, value) {
    variable.assign(value);
  },

  applyGradientDescent(variable, gradient, lr) {
    variable.assign(tf.sub(variable, tf.mul(lr, gradient)));
  },

  applyMomentum(variable, accumulator, gradient, lr, mom) {
    accumulator.assign(tf.add(tf.mul(accumulator, mom), gradient));
    variable.assign(tf.sub(variable, tf.mul(lr, accumulator)));
  },

  applyAdam,
};

function applyAdam(variable: Variable, m: Variable, v: Variable, gradient: Tensor, s: AdamScalars): void {
  m.assign(tf.add(m, tf.mul(tf.sub(gradient, m), tf.sub(1, s.beta1))));
  v.assign(tf.add(v, tf.mul(tf.sub(tf.square(gradient), v), tf.sub(1, s.beta2))));
  const rate = tf.div(tf.mul(s.lr, tf.sqrt(tf.sub(1, s.beta2Power))), tf.sub(1, s.beta1Power));
  const decayed = s.decay === undefined ? variable : tf.mul(variable, s.decay);
  variable.assign(tf.sub(decayed, tf.div(tf.mul(rate, m), tf.add(tf.sqrt(v), s.epsilon))));
}

function sparseSoftmaxCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
  const classes = logits.shape[logits.shape.length - 1];
  const oneHot = tf.cast(tf.oneHot(tf.cast(labels, 'int32'), classes), 'float32');
  return tf.neg(tf.sum(tf.mul(oneHot, tf.logSoftmax(logits)), -1));
}

function batchNorm(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  epsilon: number,
): { y: Tensor; mean: Tensor; variance: Tensor } {
  const axes = x.shape.map((_, axis) => axis).slice(0, -1);
  const { mean, variance } = tf.moments(x, axes);
  const y = tf.add(tf.mul(tf.sub(x, mean), tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)))), beta);
  const count = x.size / x.shape[x.shape.length - 1];
  return { y, mean, variance: tf.mul(variance, count / Math.max(1, count - 1)) };
}

/**
 * By our own counter-based generator, which needs the seed's value: engines without a stateless generator run eagerly.
 */
function statelessUniform(shape: number[], seed: Tensor): Tensor {
  const [key = 0, counter = 0] = seed.dataSync();
  const values = new Float32Array(tf.util.sizeFromShape(shape));
  return tf.tensor(uniform(values, { seed: key >>> 0, purpose: 'dropout', index: counter }), shape);
}
