import { Type } from 'typebox';
import { oneOf, optional } from '../../schema/fields.js';
import { defineLayer } from './layer.js';
import { ShapeError } from './shapes.js';

/** As PyTorch's module or function of that name computes it; `swish` is `silu`. */
export const activationNames = [
  'relu',
  'relu6',
  'leaky_relu',
  'elu',
  'selu',
  'gelu',
  'gelu_tanh',
  'silu',
  'swish',
  'mish',
  'hard_swish',
  'hard_sigmoid',
  'sigmoid',
  'tanh',
  'softplus',
  'softsign',
  'softmax',
  'log_softmax',
] as const;

/** One of them. */
export type ActivationName = (typeof activationNames)[number];

/** Those that TensorFlow.js has as activations, by its names. */
const own: Partial<Record<ActivationName, string>> = {
  relu6: 'relu6',
  selu: 'selu',
  gelu: 'gelu',
  gelu_tanh: 'gelu_new',
  silu: 'swish',
  swish: 'swish',
  mish: 'mish',
  sigmoid: 'sigmoid',
  tanh: 'tanh',
  softplus: 'softplus',
  softsign: 'softsign',
  log_softmax: 'logSoftmax',
};

/** Any shape, which it keeps. */
export const activation = defineLayer({
  type: 'activation',
  description: 'Applied to each number; softmax and log_softmax are applied along the last axis',
  fields: {
    function: oneOf(activationNames, {
      description:
        'Name of the function, computed as in PyTorch; `gelu_tanh` is `gelu` with `approximate="tanh"`, `swish` is `silu`',
    }),
    alpha: optional(
      Type.Number({
        minimum: 0,
        description: 'Slope of leaky_relu below 0. Left out: 0.01, as in PyTorch',
      }),
    ),
  },
  outputShape(spec, input) {
    if (spec.alpha !== undefined && spec.function !== 'leaky_relu')
      throw new ShapeError('alpha', `alpha applies to leaky_relu, not to ${spec.function}`);
    return input;
  },
  build({ tf, layers }, { function: which, alpha = 0.01 }, { name }) {
    if (which === 'relu') return [tf.layers.reLU({ name })];
    if (which === 'leaky_relu') return [tf.layers.leakyReLU({ alpha, name })];
    if (which === 'elu') return [tf.layers.elu({ name })];
    if (which === 'softmax') return [tf.layers.softmax({ axis: -1, name })];
    if (which === 'hard_swish' || which === 'hard_sigmoid') return [layers[hard[which]]({ name })];
    return [tf.layers.activation({ activation: own[which] as 'relu6', name })];
  },
});

const hard = { hard_swish: 'hardSwish', hard_sigmoid: 'hardSigmoid' } as const;
