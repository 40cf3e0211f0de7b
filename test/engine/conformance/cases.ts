/**
 * What every engine must be able to do: each layer with its options, each loss, each optimizer, each way to treat
 * gradients.
 */
import type { Target } from '../../../src/data/types.js';
import type { LossSpec } from '../../../src/learner/losses/index.js';
import type { StepOptions } from '../../../src/learner/gradients.js';
import { activationNames } from '../../../src/models/layers/activation.js';
import type { LayerSpec } from '../../../src/models/spec.js';
import type { OptimizerRequest } from '../../../src/optimizer/index.js';

/** One thing that is measured on each engine: a model, how it is trained, and on what. */
export interface Case {
  /** Unique; the test's title. */
  name: string;
  /** Of one row. */
  x_shape: number[];
  layers: LayerSpec[];
  target: Target;
  loss: LossSpec;
  optimizer: OptimizerRequest;
  lr: number;
  step: StepOptions;
  /** Rows of the batches that are trained, one after another. */
  batches: number[];
  /** Parameter groups, by their layers' indexes; by default the model's own. */
  groups?: number[][];
  /** The first parameter group that trains. */
  frozenTo: number;
  /** Whether batch norm trains in frozen groups too. */
  trainBn: boolean;
  /** Whether the inputs are bytes, else float32 in [-1, 1). */
  bytes: boolean;
  /** The numbers come from a generator of the engine's own: no other engine has the same. */
  random: boolean;
}

type Part = Partial<Case> & { name: string };

const classes: Target = { kind: 'classes', classes: 3 };
const momentum: OptimizerRequest = { name: 'sgd', mom: 0.9 };

const defaults: Omit<Case, 'name'> = {
  x_shape: [5],
  layers: [],
  optimizer: momentum,
  target: classes,
  loss: 'cross_entropy',
  lr: 0.1,
  step: {},
  batches: [4, 4, 4],
  frozenTo: 0,
  trainBn: true,
  bytes: false,
  random: false,
};

/** A layer for images, between two others. */
const inImages = (name: string, ...layers: LayerSpec[]): Part => ({
  name,
  x_shape: [7, 6, 2],
  layers: [
    { type: 'conv2d', filters: 3, kernel: 3, padding: 'same' },
    ...layers,
    { type: 'flatten' },
    { type: 'dense', units: 3 },
  ],
});

/** A layer for rows of numbers, between two others. */
const inRows = (name: string, ...layers: LayerSpec[]): Part => ({
  name,
  x_shape: [5],
  layers: [{ type: 'dense', units: 6 }, ...layers, { type: 'dense', units: 3 }],
});

const embedded = (from: number, input_dim: number): LayerSpec[] => [
  { type: 'columns', from, count: 1, inputs: [-1] },
  { type: 'embedding', input_dim, output_dim: 3 },
  { type: 'flatten' },
];

const embeddings: Part[] = [
  {
    name: 'embedding of bytes',
    layers: [{ type: 'embedding', input_dim: 256, output_dim: 2 }, { type: 'flatten' }, { type: 'dense', units: 3 }],
    bytes: true,
  },
  {
    // Below 1 all numbers are index 0: gradients of many rows come together in one.
    name: 'embedding of one index',
    layers: [{ type: 'embedding', input_dim: 2, output_dim: 4 }, { type: 'flatten' }, { type: 'dense', units: 3 }],
  },
  {
    name: 'embeddings beside numbers',
    bytes: true,
    layers: [
      ...embedded(0, 256),
      ...embedded(1, 256),
      { type: 'concatenate', inputs: [2, 5] },
      { type: 'columns', from: 2, count: 3, inputs: [-1] },
      { type: 'batch_norm' },
      { type: 'concatenate', inputs: [6, 8] },
      { type: 'dense', units: 3 },
    ],
    optimizer: { name: 'adam', wd: 0.1 },
    lr: 0.02,
  },
];

/** What pools images over all their pixels. */
const pooled = (name: string, type: 'global_max_pool' | 'adaptive_concat_pool'): Part => ({
  name,
  x_shape: [6, 6, 2],
  layers: [{ type: 'conv2d', filters: 4, kernel: 3 }, { type }, { type: 'dense', units: 3 }],
});

const layers: Part[] = [
  inRows('dense'),
  inRows('dense, no bias', { type: 'dense', units: 4, use_bias: false }),
  inRows('relu', { type: 'relu' }),
  ...activationNames.map((name) => inRows(`activation ${name}`, { type: 'activation', function: name })),
  inRows('activation leaky_relu, alpha', { type: 'activation', function: 'leaky_relu', alpha: 0.3 }),
  inRows('sigmoid_range', { type: 'sigmoid_range', low: -2, high: 3 }),
  inRows('layer_norm of rows', { type: 'layer_norm' }),
  inRows('concatenate', { type: 'dense', units: 4 }, { type: 'concatenate', inputs: [1, 0] }),
  inRows('batch_norm of rows', { type: 'batch_norm' }),
  inRows('batch_norm, eps and momentum', { type: 'batch_norm', eps: 0.1, momentum: 0.5 }),
  { ...inRows('dropout', { type: 'relu' }, { type: 'dropout', rate: 0.4 }), random: true },
  inRows(
    'reshape',
    { type: 'reshape', shape: [2, 1, 3] },
    { type: 'conv2d', filters: 2, kernel: 1 },
    { type: 'flatten' },
  ),
  inRows('add', { type: 'relu' }, { type: 'dense', units: 6 }, { type: 'add', inputs: [2, 0] }),
  inRows('columns', { type: 'columns', from: 2, count: 3 }),
  ...embeddings,
  inImages('conv2d 3x3'),
  inImages('conv2d 1x1, no bias', { type: 'conv2d', filters: 4, kernel: 1, use_bias: false }),
  inImages('conv2d 3x3, valid', { type: 'conv2d', filters: 4, kernel: 3, padding: 'valid' }),
  inImages('conv2d 2x2, same', { type: 'conv2d', filters: 4, kernel: 2, padding: 'same' }),
  inImages('conv2d 3x3 by 2, same', { type: 'conv2d', filters: 4, kernel: 3, stride: 2, padding: 'same' }),
  inImages('conv2d 3x3 by 2, valid', { type: 'conv2d', filters: 4, kernel: 3, stride: 2, padding: 'valid' }),
  inImages('conv2d 5x5 by 2, padding 2', { type: 'conv2d', filters: 4, kernel: 5, stride: 2, padding: 2 }),
  inImages('conv2d 1x1 by 2', { type: 'conv2d', filters: 4, kernel: 1, stride: 2 }),
  inImages('conv2d 2x2 by 3, same', { type: 'conv2d', filters: 4, kernel: 2, stride: 3, padding: 'same' }),
  inImages('depthwise_conv2d 3x3', { type: 'depthwise_conv2d', kernel: 3, padding: 1 }),
  inImages('depthwise_conv2d 3x3 by 2, same, twice', {
    ...({ type: 'depthwise_conv2d', kernel: 3, stride: 2 } as const),
    ...({ padding: 'same', multiplier: 2, use_bias: false } as const),
  }),
  inImages('depthwise_conv2d 5x5 by 2, padding 2', { type: 'depthwise_conv2d', kernel: 5, stride: 2, padding: 2 }),
  inImages('separable_conv2d', { type: 'separable_conv2d', filters: 4, kernel: 3, multiplier: 2, padding: 'same' }),
  inImages('separable_conv2d by 2, no bias', {
    ...({ type: 'separable_conv2d', filters: 4, kernel: 3 } as const),
    ...({ stride: 2, padding: 1, use_bias: false } as const),
  }),
  inImages('batch_norm of images', { type: 'batch_norm' }, { type: 'relu' }),
  inImages(
    'batch_norm of 37 channels, and of what ReLU made of it',
    { type: 'conv2d', filters: 37, kernel: 3 },
    { type: 'batch_norm' },
    { type: 'relu' },
    { type: 'batch_norm' },
    { type: 'relu' },
  ),
  inImages('layer_norm of images', { type: 'layer_norm', eps: 0.1 }),
  inImages('group_norm', { type: 'group_norm', groups: 3 }, { type: 'relu' }),
  inImages('group_norm, one group', { type: 'group_norm', groups: 1, eps: 0.1 }, { type: 'relu' }),
  inImages('zero_padding2d', { type: 'zero_padding2d', padding: [1, 0, 2, 3] }),
  inImages('upsampling2d', { type: 'upsampling2d', size: 3 }),
  inImages(
    'multiply that weighs channels',
    { type: 'global_avg_pool' },
    { type: 'dense', units: 3 },
    { type: 'reshape', shape: [1, 1, 3] },
    { type: 'activation', function: 'sigmoid' },
    { type: 'multiply', inputs: [0, 4] },
  ),
  pooled('global_max_pool', 'global_max_pool'),
  pooled('adaptive_concat_pool', 'adaptive_concat_pool'),
  inImages('max_pool 2x2', { type: 'max_pool', size: 2 }),
  inImages('max_pool 2x2, same', { type: 'max_pool', size: 2, padding: 'same' }),
  inImages('max_pool 3x3 by 2', { type: 'max_pool', size: 3, stride: 2 }),
  inImages('max_pool 3x3 by 1, same', { type: 'max_pool', size: 3, stride: 1, padding: 'same' }),
  inImages('max_pool 3x3 by 2, padding 1', { type: 'max_pool', size: 3, stride: 2, padding: 1 }),
  inImages(
    'max_pool of what relu made equal',
    { type: 'relu' },
    { type: 'max_pool', size: 3, stride: 2, padding: 'same' },
  ),
  ...(['valid', 'same'] as const).map((padding) =>
    inImages(
      `max_pool 2x2 of batch_norm and relu, ${padding}`,
      { type: 'batch_norm' },
      { type: 'relu' },
      { type: 'max_pool', size: 2, padding },
    ),
  ),
  inImages('avg_pool 2x2', { type: 'avg_pool', size: 2 }),
  inImages('avg_pool 2x2, same', { type: 'avg_pool', size: 2, padding: 'same' }),
  inImages('avg_pool 3x3 by 1, same', { type: 'avg_pool', size: 3, stride: 1, padding: 'same' }),
  inImages('avg_pool 3x3 by 2, padding 1', { type: 'avg_pool', size: 3, stride: 2, padding: 1 }),
  inImages(
    'add of branches',
    { type: 'conv2d', filters: 3, kernel: 3, padding: 'same' },
    { type: 'batch_norm' },
    { type: 'add', inputs: [2, 0] },
    { type: 'relu' },
  ),
  {
    name: 'global_avg_pool',
    x_shape: [6, 6, 2],
    layers: [
      { type: 'conv2d', filters: 4, kernel: 3 },
      { type: 'relu' },
      { type: 'global_avg_pool' },
      { type: 'dense', units: 3 },
    ],
  },
  { ...inImages('images of bytes', { type: 'batch_norm' }, { type: 'relu' }), bytes: true },
];

const mlp = (name: string, part: Partial<Case>): Part => ({ ...inRows(name, { type: 'relu' }), ...part });
const normed = (name: string, part: Partial<Case>): Part => ({
  ...inRows(name, { type: 'batch_norm' }, { type: 'relu' }),
  groups: [[0, 1, 2], [3]],
  ...part,
});

const values: Target = { kind: 'values', outputs: 3 };
const weight = [0.5, 2, 1.25];

const losses: Part[] = [
  mlp('cross_entropy', {}),
  mlp('cross_entropy, weights', { loss: { name: 'cross_entropy', weight } }),
  mlp('cross_entropy, balanced', { loss: { name: 'cross_entropy', weight: 'balanced' } }),
  mlp('label_smoothing', { loss: 'label_smoothing' }),
  mlp('label_smoothing, weights', { loss: { name: 'label_smoothing', eps: 0.3, weight } }),
  mlp('mse', { loss: 'mse', target: values }),
  mlp('l1', { loss: 'l1', target: values, batches: [2, 4, 4] }),
  mlp('huber', { loss: { name: 'huber', delta: 0.4 }, target: values }),
  mlp('bce_with_logits', { loss: 'bce_with_logits', target: values }),
  mlp('mse of one output', {
    loss: 'mse',
    target: { kind: 'values', outputs: 1 },
    layers: [{ type: 'dense', units: 6 }, { type: 'relu' }, { type: 'dense', units: 1 }],
  }),
];

const optimizer = (name: string, request: OptimizerRequest, lr = 0.02): Part =>
  mlp(name, { optimizer: request, lr, batches: [4, 4, 4, 4, 4, 4, 4] });

const optimizers: Part[] = [
  optimizer('sgd', { name: 'sgd' }, 0.1),
  optimizer('sgd, momentum', { name: 'sgd', mom: 0.9 }),
  optimizer('sgd, decoupled weight decay', { name: 'sgd', mom: 0.9, wd: 0.1 }),
  optimizer('sgd, L2', { name: 'sgd', mom: 0.9, wd: 0.1, decouple_wd: false }),
  optimizer('rmsprop', { name: 'rmsprop', eps: 1e-3 }),
  optimizer('rmsprop, momentum', { name: 'rmsprop', mom: 0.9, eps: 1e-3 }),
  optimizer('adam', { name: 'adam' }),
  optimizer('adam, L2', { name: 'adam', wd: 0.1, decouple_wd: false }),
  optimizer('radam', { name: 'radam', sqr_mom: 0.8 }),
  optimizer('radam, beta', { name: 'radam', sqr_mom: 0.8, beta: 2, wd: 0.1 }),
  optimizer('qhadam', { name: 'qhadam' }),
  optimizer('larc', { name: 'larc', wd: 0.1 }),
  optimizer('larc, not clipped', { name: 'larc', clip: false, mom: 0 }, 0.5),
  optimizer('lamb', { name: 'lamb', wd: 0.1 }),
  optimizer('ranger', { name: 'ranger', k: 3 }),
  optimizer('lookahead of sgd', { name: 'lookahead', k: 2, alpha: 0.3, of: momentum }),
  optimizer('lookahead of ranger', { name: 'lookahead', k: 3, alpha: 0.3, of: { name: 'ranger', k: 2 } }),
];

const steps: Part[] = [
  mlp('gradient clip by norm', { step: { clipNorm: { max: 0.1, type: 2 } } }),
  mlp('gradient clip by another norm', { step: { clipNorm: { max: 0.1, type: 3 } } }),
  mlp('gradient clip by value', { step: { clipValue: 0.02 } }),
  mlp('gradient accumulation', { step: { accumulate: true }, batches: [4, 4, 4, 4] }),
  mlp('accumulation, then clip', {
    step: { accumulate: true, clipNorm: { max: 0.1, type: 2 } },
    batches: [4, 4, 4, 4],
  }),
  mlp('mixup', { step: { mixup: { alpha: 0.4 } }, batches: [4, 4, 3] }),
  mlp('mixup, weights', { step: { mixup: { alpha: 2 } }, loss: { name: 'cross_entropy', weight } }),
  mlp('mixup, label_smoothing', { step: { mixup: { alpha: 1 } }, loss: 'label_smoothing' }),
  mlp('mixup of values', { step: { mixup: { alpha: 0.4 } }, loss: 'mse', target: values }),
  { ...inImages('mixup of bytes'), bytes: true, step: { mixup: { alpha: 0.4 } } },
  {
    ...inRows('mixup, dropout and accumulation', { type: 'relu' }, { type: 'dropout', rate: 0.4 }),
    random: true,
    step: { mixup: { alpha: 0.4 }, accumulate: true },
    batches: [4, 4, 4, 4],
  },
  mlp('partial last batch', { batches: [4, 4, 3, 4, 4, 3] }),
  mlp('a batch of one row', { batches: [1, 1] }),
  normed('frozen group', { frozenTo: 1, trainBn: false }),
  normed('frozen group, its batch norm trains', { frozenTo: 1 }),
  normed('frozen group with weight decay', { frozenTo: 1, optimizer: { name: 'adam', wd: 0.1 }, lr: 0.02 }),
];

/** Every case. */
export const cases: Case[] = [...layers, ...losses, ...optimizers, ...steps].map((part) => ({ ...defaults, ...part }));
