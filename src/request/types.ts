/** A job's spec with every default filled in: what the record shows and what a trainer runs. Pure data, known to API, worker and trainer. */
import type { DatasetInfo } from '../data/types.js';
import type { CallbackSpec } from '../learner/callbacks/index.js';
import type { LossName } from '../learner/losses/index.js';
import type { MetricName } from '../learner/metrics/index.js';
import type { GivenWeight, LayerSpec } from '../models/spec.js';
import type { OptimizerSpec } from '../optimizer/index.js';
import type { PolicySpec } from '../schedule/index.js';

export type { OptimizerSpec } from '../optimizer/index.js';
export type { PolicySpec, SuggestionName } from '../schedule/index.js';

export type DatasetSpec =
  | { builtin: string }
  /** Inline rows are kept in storage; the record names them by size, shape and hash. */
  | { inline: DatasetInfo & { sha256: string } }
  | {
      random: {
        shape: number[];
        classes?: number;
        outputs?: number;
        rows: number;
        seed?: number;
        dtype?: 'float32' | 'uint8';
      };
    }
  | { synthetic: { rows?: number; seed?: number } };

/** A preset by name with its arguments, or layers; weights that were given inline are kept in storage and named by their hash. */
export type ModelSpec =
  | ({ preset: string; weights?: { sha256: string } } & Record<string, unknown>)
  | { layers: LayerSpec[]; param_groups?: number[][]; weights?: { sha256: string } };

/** As a request has it: with the weights themselves. */
export type ModelRequest =
  | ({ preset: string; weights?: GivenWeight[] } & Record<string, unknown>)
  | { layers: LayerSpec[]; param_groups?: number[][]; weights?: GivenWeight[] };

export interface JobSpec {
  policy: PolicySpec;
  dataset: DatasetSpec;
  model: ModelSpec;
  batch_size: number;
  shuffle: boolean;
  drop_last: boolean;
  seed: number;
  split: { valid_pct: number; seed: number } | { train_rows: number };
  loss: LossName;
  metrics: MetricName[];
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
