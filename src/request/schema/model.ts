/** A model: a preset by name, or its layers. Shapes and arguments of presets are checked by src/models. */
import { Type } from 'typebox';
import { inits, type LayerSpec } from '../../models/spec.js';
import type { ModelRequest } from '../types.js';
import { Count, Positive, oneOf, optional, strict } from './common.js';

const inputs = optional(
  Type.Array(Type.Integer({ minimum: -1 }), {
    minItems: 1,
    description: 'Layers whose outputs go in, by index; -1 is the input of the model. Left out: the layer before',
  }),
);
const padding = optional(
  Type.Union([oneOf(['same', 'valid']), Type.Integer({ minimum: 0 })], {
    description: 'As in TensorFlow, or zeros on each side as in PyTorch: "valid"',
  }),
);
const init = optional(
  oneOf(inits, {
    description:
      'How it starts. "pytorch": uniform in ±1/√fan_in, the bias too; "kaiming_normal": normal of deviation √(2/fan_in), the bias 0. Left out: "pytorch"',
  }),
);
const useBias = optional(Type.Boolean({ description: 'true' }));
const averagePadding = optional(
  Type.Union([oneOf(['same', 'valid']), Type.Integer({ minimum: 0 })], {
    description:
      'As in TensorFlow, where what lies outside is left out of the mean (for windows of 2 by 2 that is `ceil_mode` of PyTorch), or zeros on each side that count, as in PyTorch: "valid"',
  }),
);
const pool = { size: Count('Side of the window'), stride: optional(Count('Left out: `size`')) };
const layer = <const T extends LayerSpec['type'], P extends Parameters<typeof strict>[0]>(type: T, properties: P) =>
  strict({ type: Type.Literal(type), ...properties, inputs }, { title: `Layer_${type}` });

export const layerSchemas = {
  dense: layer('dense', { units: Count('Outputs'), use_bias: useBias, init }),
  conv2d: layer('conv2d', {
    filters: Count('Outputs'),
    kernel: Count('Side of the kernel'),
    stride: optional(Count('1')),
    padding,
    use_bias: useBias,
    init,
  }),
  batch_norm: layer('batch_norm', {
    eps: optional(Positive('1e-5')),
    momentum: optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'How much of the running statistics is kept: 0.9' }),
    ),
    zero_gamma: optional(Type.Boolean({ description: 'gamma starts at 0 in place of 1: false' })),
  }),
  relu: layer('relu', {}),
  max_pool: layer('max_pool', { ...pool, padding }),
  avg_pool: layer('avg_pool', { ...pool, padding: averagePadding }),
  global_avg_pool: layer('global_avg_pool', {}),
  flatten: layer('flatten', {}),
  reshape: layer('reshape', {
    shape: Type.Array(Count('Length'), { minItems: 1, maxItems: 3, description: 'Of one row' }),
  }),
  dropout: layer('dropout', {
    rate: Type.Number({ minimum: 0, exclusiveMaximum: 1, description: 'Part of the inputs that is set to zero' }),
  }),
  add: layer('add', {}),
} satisfies Record<LayerSpec['type'], unknown>;

export const Layer = Type.Union(Object.values(layerSchemas), {
  title: 'Layer',
  description: 'Takes the output of the layer before it, unless `inputs` says otherwise',
});

const parameterNames = ['kernel', 'bias', 'gamma', 'beta', 'moving_mean', 'moving_variance'] as const;

/** The nested numbers are checked against the shape of the parameter by src/models. */
const GivenWeight = strict(
  {
    layer: Type.Integer({ minimum: 0, description: 'Index of the layer' }),
    name: oneOf(parameterNames),
    value: Type.Unsafe<unknown>({ description: 'Nested arrays; kernels are [in, out] and [height, width, in, out]' }),
  },
  { title: 'GivenWeight' },
);
const weights = optional(
  Type.Array(GivenWeight, {
    description: 'Parameters to start from; those left out start as `init` of their layer says',
  }),
);
const paramGroups = optional(
  Type.Union(
    [Type.Array(Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1 }), { minItems: 1 }), Type.Literal('one group')],
    {
      description: 'Parameter groups as lists of layers by index, first group first. Left out: one group',
    },
  ),
);

export const Model = Type.Unsafe<ModelRequest>(
  Type.Union(
    [
      Type.Object(
        { preset: Type.String({ description: 'Its name; its arguments stand beside it', examples: ['mlp'] }), weights },
        { title: 'PresetModel', additionalProperties: true, examples: [{ preset: 'mlp', hidden: [64] }] },
      ),
      strict(
        { layers: Type.Array(Layer, { minItems: 1 }), weights, param_groups: paramGroups },
        { title: 'LayersModel', description: 'The shape of the input comes from the data' },
      ),
    ],
    { title: 'Model', description: 'A preset with its arguments, or a list of layers' },
  ),
);
