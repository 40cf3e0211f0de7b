/**
 * What is measured: models and batches that every side has alike. bench/python/models.py has the same models in
 * PyTorch.
 */
import type { ModelDescription } from '../src/models/plan.js';

/** A model and the batches that it is trained on. */
export interface Workload {
  name: string;
  title: string;
  /** Rows of a batch. */
  batch: number;
  /** Batches of one turn: a pass over data that is ready in memory. */
  batches: number;
  /** Of one row. */
  shape: number[];
  /** What the rows are to be sorted into; else there are `outputs` numbers to predict. */
  classes?: number;
  outputs?: number;
  /** The model's name in PyTorch, and its hidden layers where it takes some. */
  architecture: 'linear' | 'mlp' | 'cnn' | 'resnet18';
  hidden?: number[];
  model: ModelDescription;
}

function mlp(name: string, hidden: number[], batch: number, batches: number): Workload {
  const model = { preset: 'mlp', hidden };
  return {
    name,
    title: `MLP ${[784, ...hidden, 10].join('-')}, batch ${batch}`,
    batch,
    batches,
    shape: [784],
    classes: 10,
    architecture: 'mlp',
    hidden,
    model,
  };
}

const cnn: ModelDescription = {
  layers: [
    { type: 'conv2d', filters: 16, kernel: 3, padding: 'same', use_bias: false },
    { type: 'batch_norm' },
    { type: 'relu' },
    { type: 'max_pool', size: 2 },
    { type: 'conv2d', filters: 32, kernel: 3, padding: 'same' },
    { type: 'batch_norm' },
    { type: 'relu' },
    { type: 'global_avg_pool' },
    { type: 'dense', units: 10 },
  ],
};

/** The workloads whose training is compared. */
export const workloads: readonly Workload[] = [
  {
    name: 'linear',
    title: 'linear 1-1, batch 16',
    batch: 16,
    batches: 1000,
    shape: [1],
    outputs: 1,
    architecture: 'linear',
    model: { preset: 'linear' },
  },
  mlp('mlp', [256, 128], 64, 400),
  {
    name: 'cnn',
    title: 'CNN with batch norm, 32x32x3, batch 64',
    batch: 64,
    batches: 50,
    shape: [32, 32, 3],
    classes: 10,
    architecture: 'cnn',
    model: cnn,
  },
  {
    name: 'resnet18',
    title: 'ResNet-18, 64x64x3, batch 32',
    batch: 32,
    batches: 8,
    shape: [64, 64, 3],
    classes: 37,
    architecture: 'resnet18',
    model: { preset: 'resnet18' },
  },
];

/** A model that is trained for many steps, in passes of a hundred. */
export const longRun: Workload = mlp('long-run', [256, 128], 64, 100);

/** How a step's time grows with the batch and with the width of the layers. */
export const growth: { title: string; by: string; workloads: { value: number; workload: Workload }[] }[] = [
  {
    title: 'MLP 784-256-128-10 by batch',
    by: 'batch',
    workloads: [16, 32, 64, 128, 256, 512].map((batch) => ({
      value: batch,
      workload: mlp(`batch-${batch}`, [256, 128], batch, Math.ceil(6400 / batch)),
    })),
  },
  {
    title: 'MLP 784-n-n/2-10, batch 64, by width',
    by: 'n',
    workloads: [64, 128, 256, 512, 1024, 2048].map((width) => ({
      value: width,
      workload: mlp(`width-${width}`, [width, width / 2], 64, Math.ceil(25600 / Math.max(256, width))),
    })),
  },
];
