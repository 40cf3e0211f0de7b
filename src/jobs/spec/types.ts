/** A job's spec with every default filled in: what the record shows and what a trainer runs. Pure data, known to API, worker and trainer. */
import type { GivenWeight, LayerSpec } from '../../models/spec.js';

/** fastai's learning rate: a number, a slice, a list with one a parameter group, or a finder's suggestion. */
export type LearningRate = number | { start?: number; stop: number } | number[];
export interface FromLrFind {
  lr_find: { suggestion: SuggestionName } & Partial<LrFindArguments>;
}
export const suggestionNames = ['valley', 'slide', 'minimum', 'steep', 'lr_min', 'lr_steep'] as const;
export type SuggestionName = (typeof suggestionNames)[number];

export interface LrFindArguments {
  start_lr: number | number[];
  end_lr: number | number[];
  num_it: number;
  stop_div: boolean;
  suggest_funcs: SuggestionName[];
}

interface FitArguments {
  wd?: number;
  reset_opt?: boolean;
  start_epoch?: number;
}

/** A schedule of one's own in JSON: an annealer, a `combine`, or a `combined_cos`, nested as one likes. */
export type ScheduleSpec =
  | { fn: 'sched_lin' | 'sched_cos' | 'sched_no' | 'sched_exp'; start: number | number[]; end: number | number[] }
  | { fn: 'sched_poly'; start: number | number[]; end: number | number[]; power: number }
  | { fn: 'combined_cos'; pct: number; start: number | number[]; middle: number | number[]; end: number | number[] }
  | { combine: ({ pct: number } & ScheduleSpec)[] };

/** A policy with its arguments; those left out take fastai's defaults when the policy is planned. */
export type PolicySpec =
  | ({ name: 'fit'; n_epoch: number; lr?: LearningRate; schedules?: Record<string, ScheduleSpec | ScheduleSpec[]> } & FitArguments)
  | ({ name: 'fit_one_cycle'; n_epoch: number; lr_max?: LearningRate; div?: number; div_final?: number; pct_start?: number; moms?: [number, number, number] } & FitArguments)
  | ({ name: 'fit_flat_cos'; n_epoch: number; lr?: LearningRate; div_final?: number; pct_start?: number } & FitArguments)
  | ({ name: 'fit_sgdr'; n_cycles: number; cycle_len: number; lr_max?: LearningRate; cycle_mult?: number } & FitArguments)
  | ({
      name: 'fine_tune';
      epochs: number;
      base_lr?: number;
      freeze_epochs?: number;
      lr_mult?: number;
      lr_max?: LearningRate;
      pct_start?: number;
      div?: number;
      div_final?: number;
      moms?: [number, number, number];
    } & FitArguments)
  | ({ name: 'lr_find' } & Partial<LrFindArguments>);

export type DatasetSpec =
  | { builtin: string }
  /** Inline rows are kept in storage; the record names them by size and hash. */
  | { inline: { rows: number; sha256: string } }
  | { random: { shape: number[]; classes?: number; outputs?: number; rows: number; seed?: number } }
  | { synthetic: { rows?: number; seed?: number } };

/** A preset by name with its arguments, or layers; weights that were given inline are kept in storage and named by their hash. */
export type ModelSpec =
  | ({ preset: string; weights?: { sha256: string } } & Record<string, unknown>)
  | { layers: LayerSpec[]; param_groups?: number[][]; weights?: { sha256: string } };

/** As a request has it: with the weights themselves. */
export type ModelRequest =
  | ({ preset: string; weights?: GivenWeight[] } & Record<string, unknown>)
  | { layers: LayerSpec[]; param_groups?: number[][]; weights?: GivenWeight[] };

export interface OptimizerSpec {
  name: string;
  decouple_wd?: boolean;
  [hyper: string]: unknown;
}

export interface CallbackSpec {
  name: string;
  [argument: string]: unknown;
}

export interface JobSpec {
  policy: PolicySpec;
  dataset: DatasetSpec;
  model: ModelSpec;
  batch_size: number;
  shuffle: boolean;
  drop_last: boolean;
  seed: number;
  split: { valid_pct: number; seed: number } | { train_rows: number };
  loss: 'cross_entropy' | 'mse';
  metrics: string[];
  optimizer: OptimizerSpec;
  train_bn: boolean;
  wd_bn_bias: boolean;
  /** Parameter groups before this one are frozen (fastai's `freeze_to`; negative counts from the end). */
  freeze_to?: number;
  callbacks: CallbackSpec[];
  continue_from?: { job: string; optimizer: boolean };
  name?: string;
  tags: Record<string, string>;
  max_attempts: number;
  timeout_seconds: number | null;
  checkpoint_seconds: number;
  device: 'auto' | 'cpu' | 'gpu';
}
