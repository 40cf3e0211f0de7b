/** Learners on the native engine, small ones on real arithmetic: fastai's `synth_learner`, and others like it. */
import {
  BatchLoader,
  completeOptimizer,
  Learner,
  loadDataset,
  loadEngine,
  planModel,
  splitRows,
  type LearnerOptions,
  type LearnerSnapshot,
} from '../../src/learner/index.js';
import { atOnce } from '../data/telling.js';

export const engine = await loadEngine({ name: 'tensorflow' });

interface Options extends Partial<LearnerOptions> {
  dataset?: Parameters<typeof loadDataset>[0];
  preset?: Record<string, unknown> & { preset: string };
  trainRows?: number;
  batchSize?: number;
  shuffle?: boolean;
  dropLast?: boolean;
}

/**
 * fastai's `synth_learner`: y = 2x + 3 with noise in 10 batches of 16 and 2 to validate, one dense layer, SGD with
 * momentum 0.9; all of it may be something else.
 */
export function synthLearner({
  dataset: source = { builtin: 'synthetic' },
  preset = { preset: 'linear' },
  trainRows = 160,
  batchSize = 16,
  shuffle = true,
  dropLast = true,
  ...options
}: Options = {}): Learner {
  const dataset = loadDataset(source);
  const { train, valid } = splitRows(dataset.rows, { train_rows: trainRows });
  const seed = options.seed ?? 42;
  return new Learner({
    engine,
    model: planModel(preset, dataset),
    data: {
      dataset,
      train: new BatchLoader({ dataset, rows: train, batchSize, shuffle, dropLast, seed }),
      valid: valid.length > 0 ? new BatchLoader({ dataset, rows: valid, batchSize }) : null,
    },
    loss: dataset.target.kind === 'values' ? 'mse' : 'cross_entropy',
    optimizer: completeOptimizer({ name: 'sgd', mom: 0.9 }),
    ...options,
  });
}

/** 8 × 8 images of noise with 3 classes for the `cnn` preset: convolutions, batch norm, dropout-free; Adam. */
export const cnnLearner = (options: Options = {}): Learner =>
  synthLearner({
    dataset: { random: { shape: [8, 8, 1], classes: 3, rows: 48, seed: 1 } },
    preset: { preset: 'cnn' },
    trainRows: 32,
    batchSize: 8,
    optimizer: completeOptimizer({ name: 'adam' }),
    ...options,
  });

/** The mean loss over the training rows of an epoch, as the model stands. */
export function trainLoss(learn: Learner): number {
  const losses = [...atOnce(learn.options.data.train.epoch(0))].map((batch) => learn.evaluate(batch).loss);
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

/** Copies that later training cannot reach. */
export const frozenCopy = (snapshot: LearnerSnapshot): LearnerSnapshot => structuredClone(snapshot);

export const countTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
