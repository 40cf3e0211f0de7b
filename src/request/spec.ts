/** A job's spec as its record shows it and as a trainer runs it: the request with every default filled in. */
import { Type, type Static } from 'typebox';
import { DatasetSpecSchema } from '../data/sources/index.js';
import { SplitSpecSchema } from '../data/split/index.js';
import { CallbackSchema, type CallbackSpec } from '../learner/callbacks/index.js';
import { ModelSpecSchema } from '../models/spec.js';
import { OptimizerSchema, type OptimizerSpec } from '../optimizer/index.js';
import { PolicySchema } from '../schedule/index.js';
import type { LayerSpec } from '../models/spec.js';
import { optional, Whole } from '../schema/fields.js';
import { ContinueFrom, JobRequest } from './body.js';

/** What a job may be: `lr_find` where its policy is the learning-rate finder. */
export const jobTypes = ['fit', 'lr_find'] as const;

/** One of them. */
export type JobType = (typeof jobTypes)[number];

/** Fields that a spec always has, as the request may have them. */
const filledIn = Type.Required(
  Type.Pick(JobRequest, [
    'batch_size',
    'shuffle',
    'drop_last',
    'seed',
    'loss',
    'metrics',
    'train_bn',
    'wd_bn_bias',
    'tags',
    'max_attempts',
    'timeout_seconds',
    'stall_seconds',
    'checkpoint_seconds',
    'keep_checkpoints',
    'priority',
    'device',
  ]),
).properties;

/** Fields that a spec has where the request has them. */
const asGiven = Type.Pick(JobRequest, [
  'freeze_to',
  'finish',
  'name',
  'concurrency_key',
  'concurrency_limit',
  'threads',
  'gpu_memory_bytes',
  'requires',
]).properties;

/** What a job's model starts with, where that is not all drawn anew. */
export const StartWeights = Type.Object(
  {
    taken: Whole('Number of parameters taken over from given weights, a package, or another job'),
    drawn: Type.Array(Type.String(), { description: 'Names of the parameters initialized anew, those of the head' }),
  },
  {
    title: 'StartWeights',
    description: 'Where the initial parameters come from; absent if all are initialized anew, or given in the request',
  },
);
/** As the schema says. */
export type StartWeights = Static<typeof StartWeights>;

/** A job's spec. */
export const JobSpec = Type.Object(
  {
    policy: PolicySchema,
    dataset: DatasetSpecSchema,
    model: ModelSpecSchema,
    optimizer: Type.Unsafe<OptimizerSpec>(OptimizerSchema),
    split: SplitSpecSchema,
    callbacks: Type.Array(Type.Unsafe<CallbackSpec>(CallbackSchema)),
    continue_from: optional(Type.Required(ContinueFrom, { title: 'ContinueFromSpec' })),
    weights: optional(StartWeights),
    ...filledIn,
    ...asGiven,
  },
  {
    title: 'JobSpec',
    description:
      'The job as posted, with all defaults filled in; inline data and weights are replaced by their hash. The ' +
      'arguments of a policy that were left out get their defaults when the policy is planned',
  },
);
/** As the schema says. */
export type JobSpec = Static<typeof JobSpec>;

/** The job that a request continues from, as far as it looks at it: a job's record is one. */
export interface SourceJob {
  id: string;
  status: string;
  spec: JobSpec;
  /** Id of the checkpoint that the request means; null where the job has none such. */
  checkpoint: string | null;
}

/** A posted model that a request names, as far as it looks at it. */
export interface StoredModel {
  id: string;
  /** Of the file of its weights. */
  sha256: string;
  /** Null where it has weights alone. */
  layers: LayerSpec[] | null;
  tensors: { name: string; shape: number[] }[];
}
