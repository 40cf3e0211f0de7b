/** What layers with a kernel and a bias share. */
import { product } from '../../numbers/nested.js';
import { defaulted, Flag, oneOf } from '../../schema/fields.js';
import type { Parameter } from './layer.js';
import { atZero, normalOf, uniformWithin, type Start } from './starts.js';

/** How kernels and biases may start. */
export const inits = ['pytorch', 'kaiming_normal'] as const;

/** One of them. */
export type Init = (typeof inits)[number];

/** The fields that say whether there is a bias, and how kernel and bias start. */
export const kernelFields = () => ({
  use_bias: defaulted(Flag('Whether to add a bias'), true),
  init: defaulted(
    oneOf(inits, {
      description:
        'Initial values of kernel and bias. "pytorch": uniform in ±1/√fan_in for both; ' +
        '"kaiming_normal": normal with standard deviation √(2/fan_in), the bias 0',
    }),
    'pytorch',
  ),
});

/** What they are for. */
export const kernelKinds = { kernel: 'weight', bias: 'bias' } as const;

/**
 * A kernel of a shape ([…, in, out]) and its bias [out]. As PyTorch's layers start, both are uniform in ±1/√fan_in,
 * which is what its Kaiming initialisation with a = √5 comes to; as fastai's `init_cnn` has it, kernels are normal,
 * biases 0.
 */
export function kernelAndBias(
  shape: number[],
  { use_bias, init }: { use_bias: boolean; init: Init },
): Partial<Record<keyof typeof kernelKinds, Pick<Parameter, 'shape' | 'start'>>> {
  const start = startOf(product(shape.slice(0, -1)), { init });
  return {
    kernel: { shape, start: start.kernel },
    ...(use_bias && { bias: { shape: shape.slice(-1), start: start.bias } }),
  };
}

/** How a kernel and its bias start whose outputs see `fanIn` numbers each. */
export function startOf(fanIn: number, { init }: { init: Init }): Record<keyof typeof kernelKinds, Start> {
  if (init === 'kaiming_normal') return { kernel: normalOf(Math.sqrt(2 / fanIn)), bias: atZero };
  const uniform = uniformWithin(1 / Math.sqrt(fanIn));
  return { kernel: uniform, bias: uniform };
}

/** For TensorFlow.js: the weights are given, so none are drawn. For a large model that alone takes seconds. */
export const zeroInitializers = { kernelInitializer: 'zeros', biasInitializer: 'zeros' } as const;
