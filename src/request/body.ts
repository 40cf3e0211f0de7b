/** The body of POST /jobs. */
import { Type, type Static, type TSchema } from 'typebox';
import { DatasetSchema } from '../data/sources/index.js';
import { SplitSchema } from '../data/split/index.js';
import { CallbackSchema } from '../learner/callbacks/index.js';
import { LossSchema } from '../learner/losses/index.js';
import { MetricsSchema } from '../learner/metrics/index.js';
import { ModelSchema } from '../models/spec.js';
import { OptimizerSchema } from '../optimizer/index.js';
import { PolicySchema } from '../schedule/index.js';
import type { Complete } from '../schema/complete.js';
import { Labels } from '../schema/labels.js';
import { NewJobWebhooks } from '../schema/webhook.js';
import { Count, defaulted, Flag, nullable, oneOf, optional, Positive, Seed, strict, Whole } from '../schema/fields.js';

/** The highest priority of a job; the lowest is its negative. */
export const maxPriority = 1000;

/** The job that another one continues from. */
export const ContinueFrom = strict(
  {
    job: Type.String({
      minLength: 1,
      description: 'Id of the job to continue from; it must be completed unless `checkpoint` is given',
    }),
    checkpoint: optional(
      Type.String({
        minLength: 1,
        description:
          'A checkpoint of that job: an id, a name, `last` or `best`, resolved when the new job is posted. Left out: the ' +
          'final state of the job',
      }),
    ),
    optimizer: defaulted(
      Flag(
        'Whether to continue with its optimizer state and hyperparameters too, as a second `fit` on one Learner does',
      ),
      false,
    ),
  },
  { title: 'ContinueFrom', description: 'Starts from the parameters of another job, instead of `model`' },
);

/** Where a job leaves its schedule. */
export const Finish = strict(
  {
    iteration: Whole('The first iteration of the cooldown, counted over the whole job from 0'),
    cooldown: Count('Epochs over which every rate then anneals to zero along a cosine'),
  },
  {
    title: 'Finish',
    description:
      'Leaves the schedule at an iteration and anneals to zero from there; `POST /jobs/:id/finish` adds this to the ' +
      "running job's spec, so that a job with the same spec does the same",
  },
);

/** As the schema says. */
export type Finish = Static<typeof Finish>;

/** What a job is called. */
export const Name = (description?: string) =>
  Type.String({ maxLength: 200, ...(description !== undefined && { description }) });

/** The most tags that a job has. */
export const maxTags = 64;

/** What a tag of a job says. */
export const TagValue = () => Type.String({ maxLength: 500 });

/** Tags by name, each with such a value. */
export const Tags = <S extends TSchema>(value: S, description: string) =>
  Type.Record(Type.String(), value, { propertyNames: { maxLength: 100 }, maxProperties: maxTags, description });

/** The body of POST /jobs. */
export const JobRequest = strict(
  {
    policy: PolicySchema,
    dataset: DatasetSchema,
    model: optional(ModelSchema),
    continue_from: optional(ContinueFrom),
    batch_size: defaulted(Count('Rows per batch'), 64),
    shuffle: defaulted(Flag('Whether to shuffle the training rows in each epoch'), true),
    drop_last: defaulted(Flag('Whether to leave out the last training batch if it is not full'), true),
    seed: defaulted(Seed('Seed for the order of the rows, the initial parameters and dropout, 0 to 2^32 - 1'), 42),
    split: optional(SplitSchema),
    loss: optional(LossSchema),
    metrics: optional(MetricsSchema),
    optimizer: optional(OptimizerSchema),
    train_bn: defaulted(Flag('Whether to keep training batch norm in frozen groups'), true),
    wd_bn_bias: defaulted(Flag('Whether to apply weight decay to biases and batch norm too'), false),
    freeze_to: optional(
      Type.Integer({
        description: 'Parameter groups before this one are frozen; a negative number counts from the end',
      }),
    ),
    finish: optional(Finish),
    callbacks: defaulted(
      Type.Array(CallbackSchema, { description: 'Callbacks in addition to those of the policy' }),
      [],
    ),
    name: optional(Name('A name, for people')),
    tags: defaulted(Tags(TagValue(), 'Labels of any kind, as names with values'), {}),
    max_attempts: defaulted(
      Type.Integer({
        minimum: 1,
        maximum: 100,
        description: 'How many attempts the job has if its trainer or worker fails',
      }),
      3,
    ),
    timeout_seconds: defaulted(
      nullable(Type.Number({ exclusiveMinimum: 0 }), {
        description: 'Longest training time in seconds, after which the job fails; null: no limit',
      }),
      null,
    ),
    stall_seconds: defaulted(
      Type.Number({
        minimum: 1,
        description:
          'A trainer that does not respond for this many seconds is killed, and the job is tried again. Must be more than the longest ' +
          'single step takes, and than loading the data and the engine takes',
      }),
      300,
    ),
    checkpoint_seconds: defaulted(Positive('Seconds between checkpoints'), 30),
    keep_checkpoints: defaulted(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        description: 'How many of the last checkpoints to keep, in addition to the best one and those with a name',
      }),
      2,
    ),
    priority: defaulted(
      Type.Integer({
        minimum: -maxPriority,
        maximum: maxPriority,
        description: 'Jobs with a higher priority run first; within a priority jobs run in the order posted',
      }),
      0,
    ),
    concurrency_key: optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description:
          'At most `concurrency_limit` jobs with the same key run at once, and no more of them are in the queue: ' +
          'the others are held back, so that they do not delay other jobs',
        examples: ['team-vision'],
      }),
    ),
    concurrency_limit: optional(
      Count(
        'How many jobs with the same `concurrency_key` may run at once, this one included; default 1. ' +
          'Requires a key',
      ),
    ),
    device: defaulted(
      oneOf(['auto', 'cpu', 'gpu'], {
        description: 'Device to train on; `auto` uses a GPU if a worker has one',
      }),
      'auto',
    ),
    threads: optional(
      Type.Integer({
        minimum: 1,
        maximum: 1024,
        description:
          'Threads that the job computes with; the others of its worker are for other jobs meanwhile. At most as many as the ' +
          'worker has (`ONECYCLE_THREADS`). Left out: one for a small model, all for a larger one. An attempt that continues ' +
          'from a checkpoint has those of the attempt before',
      }),
    ),
    gpu_memory_bytes: optional(
      Type.Integer({
        minimum: 1,
        maximum: Number.MAX_SAFE_INTEGER,
        description:
          'Memory of a GPU that the job needs, in bytes: jobs that state theirs share a GPU while it is enough for all of ' +
          'them, and TensorFlow takes no more. Left out: the job has the GPU to itself. On a CPU it is not used',
        examples: [4 * 1024 ** 3],
      }),
    ),
    requires: optional(
      Labels(
        'Labels that a worker must have to run the job (`ONECYCLE_LABELS`), each with this value; the job waits until ' +
          'such a worker is there',
      ),
    ),
    webhooks: optional(NewJobWebhooks),
  },
  {
    title: 'JobRequest',
    description: 'A job: a policy, a data set, and a model or a job to continue from',
    examples: [
      {
        policy: { name: 'fit_one_cycle', n_epoch: 3, lr_max: 0.003 },
        dataset: { builtin: 'digits' },
        model: { preset: 'mlp', hidden: [64] },
      },
    ],
  },
);
/** As the schema says. */
export type JobRequest = Static<typeof JobRequest>;
/** A request whose defaults are filled in. */
export type CompleteRequest = Complete<typeof JobRequest>;
