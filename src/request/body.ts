/** The body of POST /jobs. */
import { Type, type Static } from 'typebox';
import { DatasetSchema } from '../data/sources/index.js';
import { SplitSchema } from '../data/split/index.js';
import { CallbackSchema } from '../learner/callbacks/index.js';
import { LossSchema } from '../learner/losses/index.js';
import { MetricsSchema } from '../learner/metrics/index.js';
import { ModelSchema } from '../models/spec.js';
import { OptimizerSchema } from '../optimizer/index.js';
import { PolicySchema } from '../schedule/index.js';
import type { Complete } from '../schema/complete.js';
import { Count, defaulted, Flag, nullable, oneOf, optional, Positive, Seed, strict, Whole } from '../schema/fields.js';

/** The highest priority of a job; the lowest is its negative. */
export const maxPriority = 1000;

/** The job that another one continues from. */
export const ContinueFrom = strict(
  {
    job: Type.String({ minLength: 1, description: 'Id of a job: a completed one, unless a checkpoint is named' }),
    checkpoint: optional(
      Type.String({
        minLength: 1,
        description:
          'Which of its checkpoints: an id, a name, `last` or `best`, as they stand when this is posted. Left out: what ' +
          'the job ended with',
      }),
    ),
    optimizer: defaulted(
      Flag('Also its optimizer, with state and hyperparameters, as a second `fit` on one Learner does'),
      false,
    ),
  },
  { title: 'ContinueFrom', description: "Starts from another job's parameters, in place of `model`" },
);

/** Where a job leaves its schedule. */
export const Finish = strict(
  {
    iteration: Whole('The first iteration of the cooldown, counted over the whole job from 0'),
    cooldown: Count('Epochs over which every rate then anneals to zero, along a cosine'),
  },
  {
    title: 'Finish',
    description:
      'Leaves the schedule at an iteration and anneals to zero from there; `POST /jobs/:id/finish` writes it into the ' +
      "running job's spec, so that a job with the same spec does the same",
  },
);

/** As the schema says. */
export type Finish = Static<typeof Finish>;

/** What a job is called. */
export const Name = (description?: string) =>
  Type.String({ maxLength: 200, ...(description !== undefined && { description }) });

/** What a tag of a job says. */
export const TagValue = () => Type.String({ maxLength: 500 });

/** The body of POST /jobs. */
export const JobRequest = strict(
  {
    policy: PolicySchema,
    dataset: DatasetSchema,
    model: optional(ModelSchema),
    continue_from: optional(ContinueFrom),
    batch_size: defaulted(Count('Rows per batch'), 64),
    shuffle: defaulted(Flag('Whether the training rows have a new order in each epoch'), true),
    drop_last: defaulted(Flag('Whether the last training batch is left out where it is not full'), true),
    seed: defaulted(Seed('Seed of the order of the rows, the initial parameters and dropout, 0 to 2^32 - 1'), 42),
    split: optional(SplitSchema),
    loss: optional(LossSchema),
    metrics: optional(MetricsSchema),
    optimizer: optional(OptimizerSchema),
    train_bn: defaulted(Flag('Whether batch norm goes on training in frozen groups'), true),
    wd_bn_bias: defaulted(Flag('Whether weight decay is applied to biases and batch norm too'), false),
    freeze_to: optional(
      Type.Integer({
        description: 'Parameter groups before this one are frozen; a negative number counts from the end',
      }),
    ),
    finish: optional(Finish),
    callbacks: defaulted(Type.Array(CallbackSchema, { description: 'Callbacks beside those of the policy' }), []),
    name: optional(Name('A name of your own')),
    tags: defaulted(Type.Record(Type.String(), TagValue(), { description: 'Words of your own, by name' }), {}),
    max_attempts: defaulted(
      Type.Integer({
        minimum: 1,
        maximum: 100,
        description: 'How often the job is tried when its trainer or its worker is lost',
      }),
      3,
    ),
    timeout_seconds: defaulted(
      nullable(Type.Number({ exclusiveMinimum: 0 }), {
        description: 'The job fails if it trains longer than this, in seconds; null: it may train for ever',
      }),
      null,
    ),
    stall_seconds: defaulted(
      Type.Number({
        minimum: 1,
        description:
          'A trainer that gives no sign for so long hangs: it is killed, and the job tried again. More than the longest ' +
          'single step, and than loading the data and the engine takes',
      }),
      300,
    ),
    checkpoint_seconds: defaulted(Positive('Seconds between two checkpoints'), 30),
    keep_checkpoints: defaulted(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        description: 'The last so many checkpoints are kept, beside the best and those with a name',
      }),
      2,
    ),
    priority: defaulted(
      Type.Integer({
        minimum: -maxPriority,
        maximum: maxPriority,
        description:
          'Jobs of a higher priority run first; those of one priority in the order in which they were posted',
      }),
      0,
    ),
    concurrency_key: optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description:
          'Of the jobs with one key at most `concurrency_limit` run at once, and no more of them stand in the queue: ' +
          'the others wait aside, where they hold up nobody else',
        examples: ['team-vision'],
      }),
    ),
    concurrency_limit: optional(
      Count(
        'How many jobs with its `concurrency_key` may run at once for this one to begin; 1 unless given. ' +
          'Only with a key',
      ),
    ),
    device: defaulted(
      oneOf(['auto', 'cpu', 'gpu'], {
        description: 'Where the job trains; `auto` takes a GPU where a worker has one',
      }),
      'auto',
    ),
  },
  {
    title: 'JobRequest',
    description: 'A job: a policy, a data set, and a model (or a job to continue from)',
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
