/** A golden trajectory: real fastai runs one after the other on one Learner, and what they recorded. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GivenWeight, LayerSpec } from '../../src/models/spec.js';
import { root } from '../e2e/harness.js';

type Hypers = Record<string, number>;

export interface Recorded {
  raw_losses: number[];
  smooth_losses: number[];
  /** An iteration, a parameter group. */
  hypers: Hypers[][];
}

/** Per column, what ten times the reference's own float32 noise allows, where that is above the usual tolerance. */
export type Tolerance = Record<string, number[] | undefined>;

export interface FitRun extends Recorded {
  policy: { name: string };
  /** `fine_tune`'s first phase. */
  frozen?: Recorded;
  epochs_train_valid_loss: [number, number][];
  weights_after: GivenWeight[];
  tolerance: Tolerance;
}

export interface FinderRun {
  policy: { name: 'lr_find' };
  lrs: number[];
  raw_losses: number[];
  smooth_losses: number[];
  suggestions: Record<string, number>;
  stopped_early: boolean;
  tolerance: Tolerance;
}

export interface Trajectory {
  train_rows: number;
  batch_size: number;
  shuffle: boolean;
  drop_last_train_batch: boolean;
  loss: string;
  x: unknown[];
  y: unknown[];
  layers: LayerSpec[];
  weights_before: GivenWeight[];
  param_groups_by_layer: 'one group' | number[][];
  optimizer: Record<string, unknown>;
  learner: { wd_bn_bias: boolean; train_bn: boolean };
  runs: (FitRun | FinderRun)[];
}

const folder = join(root, 'test', 'golden', 'data');

export const trajectoryFiles = (): string[] =>
  readdirSync(folder)
    .filter((file) => /^trajectory_.*\.json$/.test(file))
    .sort();

export const readTrajectory = (file: string): Trajectory =>
  JSON.parse(readFileSync(join(folder, file), 'utf8')) as Trajectory;

export const isFinder = (run: FitRun | FinderRun): run is FinderRun => run.policy.name === 'lr_find';

/** The job that does `run`: the first one gives the model, the others go on from the job before, optimizer included. */
export function jobOf(trajectory: Trajectory, run: FitRun | FinderRun, previous: string | undefined): object {
  const { param_groups_by_layer: groups } = trajectory;
  return {
    policy: run.policy,
    dataset: { inline: { x: trajectory.x, y: trajectory.y } },
    split: { train_rows: trajectory.train_rows },
    batch_size: trajectory.batch_size,
    shuffle: trajectory.shuffle,
    drop_last: trajectory.drop_last_train_batch,
    loss: trajectory.loss.split(' ')[0],
    metrics: [],
    ...(previous === undefined
      ? {
          model: {
            layers: trajectory.layers,
            weights: trajectory.weights_before,
            ...(groups === 'one group' ? {} : { param_groups: groups }),
          },
          optimizer: trajectory.optimizer,
          ...trajectory.learner,
        }
      : { continue_from: { job: previous, optimizer: true } }),
  };
}
