/** A job's spec as its record shows it and as a trainer runs it: the request with every default filled in. */
import { Type, type Static } from 'typebox';
import { DatasetSpecSchema } from '../data/sources/index.js';
import { SplitSpecSchema } from '../data/split/index.js';
import { CallbackSchema, type CallbackSpec } from '../learner/callbacks/index.js';
import { ModelSpecSchema } from '../models/spec.js';
import { OptimizerSchema, type OptimizerSpec } from '../optimizer/index.js';
import { PolicySchema } from '../schedule/index.js';
import { optional } from '../schema/fields.js';
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
]).properties;

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
    ...filledIn,
    ...asGiven,
  },
  {
    title: 'JobSpec',
    description:
      'The job as it was posted, every default filled in; inline data and weights are named by their hash. The ' +
      'arguments of a policy that were left out take their defaults when the policy is planned',
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
