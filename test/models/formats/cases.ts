/** Small models that have every layer, every padding, every preset that a few rows can go through quickly. */
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

const descriptions: { name: string; model: ModelDescription; x_shape: number[]; target?: Target }[] = [
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

export const cases: Case[] = descriptions.map(({ name, model, x_shape, target = classes(3) }, seed) => {
  const plan = planModel(model, { x_shape, target });
  const rows = 5;
  const x = uniform(new Float32Array(rows * product(x_shape)), { seed, purpose: 'inputs', index: 0 }, -1, 1);
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
