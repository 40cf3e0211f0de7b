/** Small models that have every layer, every padding, every preset that a few rows can go through quickly. */
import { activationNames } from '../../../src/models/layers/activation.js';
import {
  layerTypes,
  planModel,
  presetNames,
  type ModelDescription,
  type TrainedModel,
} from '../../../src/models/index.js';
import { product } from '../../../src/numbers/nested.js';
import { uniform } from '../../../src/numbers/random.js';
import type { Target } from '../../../src/data/index.js';

export interface Case {
  name: string;
  model: TrainedModel;
  rows: number;
  x: Float32Array;
}

const classes = (n: number): Target => ({ kind: 'classes', classes: n });

const descriptions: { name: string; model: ModelDescription; x_shape: number[]; target?: Target; indexes?: number }[] =
  [
    { name: 'linear', model: { preset: 'linear' }, x_shape: [7], target: { kind: 'values', outputs: 2 } },
    { name: 'mlp', model: { preset: 'mlp', hidden: [9, 5], batch_norm: true, dropout: 0.3 }, x_shape: [2, 4] },
    { name: 'cnn', model: { preset: 'cnn', channels: [3, 4, 5] }, x_shape: [49] },
    { name: 'resnet18', model: { preset: 'resnet18' }, x_shape: [9, 9, 3] },
    { name: 'xresnet18', model: { preset: 'xresnet18' }, x_shape: [17, 16, 3] },
    {
      name: 'windows of every kind',
      model: {
        layers: [
          { type: 'conv2d', filters: 4, kernel: 3, stride: 2, padding: 'same' },
          { type: 'conv2d', filters: 5, kernel: 5, stride: 2, padding: 1 },
          { type: 'max_pool', size: 3, stride: 2, padding: 1 },
          { type: 'conv2d', filters: 4, kernel: 1, padding: 1, init: 'kaiming_normal' },
          { type: 'avg_pool', size: 2, stride: 1, padding: 1 },
          { type: 'avg_pool', size: 3, stride: 2, padding: 'same' },
          { type: 'max_pool', size: 2, padding: 'same' },
          { type: 'flatten' },
          { type: 'dense', units: 3 },
        ],
      },
      x_shape: [22, 19, 2],
    },
    {
      name: 'tabular',
      model: { preset: 'tabular', layers: [6, 5], y_range: [-1, 2] },
      x_shape: [6],
      target: { kind: 'values', outputs: 1 },
    },
    { name: 'vision', model: { preset: 'vision', body: 'mobilenet_v2' }, x_shape: [33, 34, 3] },
    {
      name: 'convolutions of every kind, and norms',
      model: {
        layers: [
          { type: 'zero_padding2d', padding: [1, 0, 2, 1] },
          { type: 'depthwise_conv2d', kernel: 3, stride: 2, padding: 1, multiplier: 2 },
          { type: 'group_norm', groups: 3, name: 'norm' },
          { type: 'separable_conv2d', filters: 4, kernel: 3, padding: 'same', multiplier: 2 },
          { type: 'layer_norm' },
          { type: 'upsampling2d', size: 3 },
          { type: 'depthwise_conv2d', kernel: 2, padding: 'same', stride: 2, use_bias: false, name: 'layer1' },
          { type: 'global_max_pool' },
          { type: 'layer_norm', eps: 1e-3 },
          { type: 'dense', units: 3 },
        ],
      },
      x_shape: [9, 8, 3],
    },
    {
      name: 'activations',
      model: {
        layers: [
          ...activationNames.map((name) => ({ type: 'activation' as const, function: name, inputs: [-1] })),
          { type: 'activation', function: 'leaky_relu', alpha: 0.3, inputs: [-1] },
          { type: 'concatenate', inputs: Array.from({ length: activationNames.length + 1 }, (_, i) => i) },
          { type: 'flatten' },
          { type: 'dense', units: 3 },
        ],
      },
      x_shape: [2, 3, 4],
    },
    {
      name: 'squeeze and excitation',
      model: {
        layers: [
          { type: 'conv2d', filters: 4, kernel: 3 },
          { type: 'adaptive_concat_pool' },
          { type: 'dense', units: 4 },
          { type: 'activation', function: 'sigmoid' },
          { type: 'reshape', shape: [1, 1, 4] },
          { type: 'multiply', inputs: [0, 4, 0] },
          { type: 'global_avg_pool' },
          { type: 'dense', units: 3 },
        ],
      },
      x_shape: [5, 6, 2],
    },
    {
      name: 'embeddings',
      model: {
        layers: [
          { type: 'columns', from: 1, count: 2 },
          { type: 'embedding', input_dim: 4, output_dim: 3, name: 'embeds' },
          { type: 'flatten' },
          { type: 'columns', from: 3, count: 2, inputs: [-1] },
          { type: 'concatenate', inputs: [2, 3] },
          { type: 'dense', units: 3 },
        ],
      },
      x_shape: [5],
      indexes: 4,
    },
    {
      name: 'branches',
      model: {
        layers: [
          { type: 'reshape', shape: [4, 3, 2] },
          { type: 'conv2d', filters: 2, kernel: 3, padding: 'same', use_bias: false },
          { type: 'add', inputs: [0, 1, 0] },
          { type: 'relu' },
          { type: 'reshape', shape: [2, 12] },
          { type: 'flatten' },
          { type: 'flatten' },
          { type: 'dropout', rate: 0.5 },
          { type: 'dense', units: 24, use_bias: false },
          { type: 'add', inputs: [6, 8] },
          { type: 'dense', units: 3 },
        ],
      },
      x_shape: [24],
    },
  ];

/** Weights that no start has: running statistics are as after some training. */
function weightsOf({ parameters }: TrainedModel['plan'], seed: number): Float32Array[] {
  return parameters.map(({ name, shape }, index) => {
    const [from, to] = name === 'moving_variance' ? [0.5, 2] : [-0.6, 0.7];
    return uniform(new Float32Array(product(shape)), { seed, purpose: 'weights', index }, from, to);
  });
}

export const cases: Case[] = descriptions.map(({ name, model, x_shape, target = classes(3), indexes }, seed) => {
  const plan = planModel(model, { x_shape, target });
  const rows = 5;
  const x = uniform(
    new Float32Array(rows * product(x_shape)),
    { seed, purpose: 'inputs', index: 0 },
    indexes ? 0 : -3,
    indexes ?? 3,
  );
  if (indexes) x.forEach((value, i) => (x[i] = Math.floor(value)));
  const isClasses = target.kind === 'classes';
  return {
    name,
    rows,
    x,
    model: {
      plan,
      weights: weightsOf(plan, seed),
      processing: { kind: 'arrays', x_shape, target, names: null },
      vocabulary: { target, names: isClasses ? ['ant', 'bee'] : null },
      loss: isClasses ? 'cross_entropy' : 'mse',
      activation: isClasses ? 'softmax' : 'none',
    },
  };
});

/** Types of layers, and presets, that no case has. */
export const missing = (): string[] => {
  const used = new Set(cases.flatMap(({ model }) => model.plan.layers.map(({ type }) => type as string)));
  const named = new Set(descriptions.flatMap(({ model }) => ('preset' in model ? [model.preset] : [])));
  // Of what xresnet18 is made of.
  for (const like of ['xresnet34', 'xresnet50']) named.add(like);
  return [...layerTypes.filter((type) => !used.has(type)), ...presetNames.filter((name) => !named.has(name))];
};
