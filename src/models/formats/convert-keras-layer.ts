/** Keras's layers in terms of ours, one by one. */
import type { JsonObject } from '../../schema/json.js';
import type { LayerSpec } from '../layers/index.js';
import type { ActivationName } from '../layers/activation.js';

/** A layer of Keras's as ours, none where it does nothing; its weights' names; and what was changed. */
export interface Converted {
  layers: LayerSpec[];
  /** Our names of its weights, by Keras's. */
  parameters: Partial<Record<string, string>>;
  notes: string[];
}

/** Why a layer cannot be taken over. */
export interface NotConverted {
  why: string;
}

type Convert = (config: JsonObject) => Converted | NotConverted;

/** Converts a layer of a class. */
export function convertLayer(type: string, config: JsonObject): Converted | NotConverted {
  if (config.data_format !== undefined && config.data_format !== null && config.data_format !== 'channels_last')
    return { why: 'its data_format must be channels_last' };
  const convert = Object.hasOwn(byClass, type) ? byClass[type] : undefined;
  return convert?.(config) ?? { why: 'this layer type is not supported' };
}

/** Those that Keras computes as PyTorch does, by the same names. */
const activations: readonly ActivationName[] = [
  'relu',
  'relu6',
  'leaky_relu',
  'elu',
  'selu',
  'gelu',
  'silu',
  'swish',
  'mish',
  'sigmoid',
  'tanh',
  'softplus',
  'softsign',
  'softmax',
  'log_softmax',
];

const plain = (layers: LayerSpec[], parameters: Converted['parameters'] = {}, notes: string[] = []): Converted => ({
  layers,
  parameters,
  notes,
});
const why = (text: string): NotConverted => ({ why: text });

/** A layer, and then the function that it names, if that is not linear. */
function activated(layer: LayerSpec, config: JsonObject, parameters: string[]): Converted | NotConverted {
  const own = activationOf(config.activation ?? 'linear');
  if ('why' in own) return own;
  return plain([layer, ...own.layers], named(...parameters));
}

function activationOf(value: unknown): Converted | NotConverted {
  const name = typeof value === 'object' && value !== null && 'class_name' in value ? value.class_name : value;
  if (name === 'linear') return plain([]);
  const known = typeof name === 'string' ? activations.find((each) => each === name.toLowerCase()) : undefined;
  if (known === undefined) return why(`its activation ${JSON.stringify(name)} is not supported`);
  // Keras's slope below 0 is another than PyTorch's.
  return plain([{ type: 'activation', function: known, ...(known === 'leaky_relu' && { alpha: 0.2 }) }]);
}

/** A number that stands alone, or for each side alike. */
function square(value: unknown, fallback: number): number | undefined {
  const sides: unknown[] = Array.isArray(value) ? value : [value ?? fallback];
  const [first] = sides;
  return typeof first === 'number' && sides.every((side) => side === first) ? first : undefined;
}

interface Window {
  kernel: number;
  stride: number;
  padding: 'same' | 'valid';
}

/** What convolutions share. */
function window(config: JsonObject): Window | NotConverted {
  const kernel = square(config.kernel_size, 1);
  const stride = square(config.strides, 1);
  if (kernel === undefined || stride === undefined) return why('its kernel and strides must be square');
  if (square(config.dilation_rate, 1) !== 1) return why('it is dilated');
  if ((config.groups ?? 1) !== 1) return why('it has groups');
  if (config.padding !== 'same' && config.padding !== 'valid') return why(`its padding is ${String(config.padding)}`);
  return { kernel, stride, padding: config.padding };
}

const bias = ({ use_bias: useBias }: JsonObject): { use_bias: boolean } => ({ use_bias: useBias !== false });
const count = (value: unknown): number => (typeof value === 'number' ? value : 0);

const pool =
  (type: 'max_pool' | 'avg_pool'): Convert =>
  (config) => {
    const size = square(config.pool_size, 2);
    const stride = square(config.strides ?? config.pool_size, 2);
    if (size === undefined || stride === undefined) return why('its pool_size and strides must be square');
    const padding = config.padding === 'same' ? 'same' : 'valid';
    return plain([{ type, size, stride, padding }]);
  };

const globalPool =
  (type: 'global_max_pool' | 'global_avg_pool'): Convert =>
  ({ keepdims }) =>
    keepdims === true ? why('it keeps its axes (keepdims)') : plain([{ type }]);

const join =
  (type: 'add' | 'multiply'): Convert =>
  () =>
    plain([{ type }]);

const named = (...names: string[]) => Object.fromEntries(names.map((name) => [name, name]));

function batchNorm(config: JsonObject): Converted | NotConverted {
  const { epsilon: eps = 1e-3, momentum = 0.99, axis, scale, center } = config;
  const last: unknown = Array.isArray(axis) ? axis[0] : (axis ?? -1);
  if (typeof eps !== 'number' || typeof momentum !== 'number') return why('its epsilon or momentum is not a number');
  if (last !== -1 && last !== 3 && last !== 1) return why('it must normalize the last axis');
  const notes = [
    ...(scale === false ? ['a gamma was added, which starts at 1'] : []),
    ...(center === false ? ['a beta was added, which starts at 0'] : []),
  ];
  const parameters = named('gamma', 'beta', 'moving_mean', 'moving_variance');
  return plain([{ type: 'batch_norm', eps, momentum }], parameters, notes);
}

function relu({ max_value, negative_slope, threshold }: JsonObject): Converted | NotConverted {
  if (threshold !== undefined && threshold !== null && threshold !== 0) return why('it has a threshold');
  const slope = typeof negative_slope === 'number' ? negative_slope : 0;
  if (max_value === undefined || max_value === null)
    return plain([slope === 0 ? { type: 'relu' } : { type: 'activation', function: 'leaky_relu', alpha: slope }]);
  if (max_value === 6 && slope === 0) return plain([{ type: 'activation', function: 'relu6' }]);
  return why(`its max_value is ${JSON.stringify(max_value)}; only 6 is supported`);
}

function zeroPadding({ padding }: JsonObject): Converted | NotConverted {
  const pairs: unknown = typeof padding === 'number' ? [padding, padding] : padding;
  const sides = Array.isArray(pairs)
    ? pairs.flatMap((pair: unknown) => (Array.isArray(pair) ? (pair as unknown[]) : [pair, pair]))
    : [];
  const isSide = (n: unknown): n is number => typeof n === 'number';
  return sides.length === 4 && sides.every(isSide)
    ? plain([{ type: 'zero_padding2d', padding: sides }])
    : why('its padding is not understood');
}

const byClass: Record<string, Convert> = {
  Dense: (config) =>
    activated({ type: 'dense', units: count(config.units), ...bias(config) }, config, ['kernel', 'bias']),
  Conv2D(config) {
    const found = window(config);
    if ('why' in found) return found;
    return activated({ type: 'conv2d', filters: count(config.filters), ...found, ...bias(config) }, config, [
      'kernel',
      'bias',
    ]);
  },
  DepthwiseConv2D(config) {
    const found = window(config);
    if ('why' in found) return found;
    const multiplier = count(config.depth_multiplier ?? 1);
    const own = activated({ type: 'depthwise_conv2d', ...found, multiplier, ...bias(config) }, config, []);
    // Keras 3 calls it `kernel`.
    return 'why' in own ? own : { ...own, parameters: { depthwise_kernel: 'kernel', kernel: 'kernel', bias: 'bias' } };
  },
  SeparableConv2D(config) {
    const found = window(config);
    if ('why' in found) return found;
    const multiplier = count(config.depth_multiplier ?? 1);
    const layer = { type: 'separable_conv2d', filters: count(config.filters), multiplier } as const;
    return activated({ ...layer, ...found, ...bias(config) }, config, ['depthwise_kernel', 'pointwise_kernel', 'bias']);
  },
  BatchNormalization: batchNorm,
  BatchNormalizationV1: batchNorm,
  LayerNormalization({ epsilon = 1e-3, axis = -1, scale, center }) {
    const last: unknown = Array.isArray(axis) ? axis[0] : axis;
    if (last !== -1 || typeof epsilon !== 'number') return why('it must normalize the last axis, as axis -1');
    if (scale === false || center === false) return why('it lacks gamma or beta');
    return plain([{ type: 'layer_norm', eps: epsilon }], named('gamma', 'beta'));
  },
  GroupNormalization({ epsilon = 1e-3, groups }) {
    if (typeof groups !== 'number' || typeof epsilon !== 'number') return why('it does not specify its groups');
    return plain([{ type: 'group_norm', groups, eps: epsilon }], named('gamma', 'beta'));
  },
  Activation: ({ activation }) => activationOf(activation),
  ReLU: relu,
  LeakyReLU: ({ alpha, negative_slope: slope }) =>
    plain([{ type: 'activation', function: 'leaky_relu', alpha: Number(slope ?? alpha ?? 0.3) }]),
  ELU: ({ alpha = 1 }) => (alpha === 1 ? activationOf('elu') : why('its alpha must be 1')),
  Softmax: () => activationOf('softmax'),
  MaxPooling2D: pool('max_pool'),
  AveragePooling2D: pool('avg_pool'),
  GlobalMaxPooling2D: globalPool('global_max_pool'),
  GlobalAveragePooling2D: globalPool('global_avg_pool'),
  Flatten: () => plain([{ type: 'flatten' }]),
  Reshape({ target_shape: shape }) {
    const isShape = (value: unknown): value is number[] =>
      Array.isArray(value) && value.every((n) => typeof n === 'number' && n > 0);
    return isShape(shape)
      ? plain([{ type: 'reshape', shape }])
      : why('its target_shape must consist of positive integers');
  },
  ZeroPadding2D: zeroPadding,
  UpSampling2D({ size, interpolation = 'nearest' }) {
    const side = square(size, 2);
    if (side === undefined || interpolation !== 'nearest')
      return why('it must be square, with nearest-neighbour interpolation');
    return plain([{ type: 'upsampling2d', size: side }]);
  },
  Dropout: ({ rate }) => plain(typeof rate === 'number' && rate > 0 ? [{ type: 'dropout', rate }] : []),
  Add: join('add'),
  Multiply: join('multiply'),
  Concatenate: ({ axis = -1 }) =>
    axis === -1 || axis === 3
      ? plain([{ type: 'concatenate' }])
      : why('it must concatenate along the last axis, as axis -1'),
};
