/** A job's spec with every default filled in: what the record shows and what a trainer runs. Pure data, known to API, worker and trainer. */
import type { DatasetSpec } from '../data/sources/index.js';
import type { Split } from '../data/split.js';
import type { CallbackSpec } from '../learner/callbacks/index.js';
import type { LossName } from '../learner/losses/index.js';
import type { MetricName } from '../learner/metrics/index.js';
import type { ModelSpec } from '../models/spec.js';
import type { OptimizerSpec } from '../optimizer/spec.js';
import type { PolicySpec } from '../schedule/types.js';

export type { DatasetSpec } from '../data/sources/index.js';
export type { ModelRequest, ModelSpec } from '../models/spec.js';
export type { OptimizerSpec } from '../optimizer/spec.js';
export { suggestionNames } from '../schedule/types.js';
export type {
  FromLrFind,
  LearningRate,
  LrFindArguments,
  PolicySpec,
  ScheduleSpec,
  SuggestionName,
} from '../schedule/types.js';

export interface JobSpec {
  policy: PolicySpec;
  dataset: DatasetSpec;
  model: ModelSpec;
  batch_size: number;
  shuffle: boolean;
  drop_last: boolean;
  seed: number;
  split: Split;
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
