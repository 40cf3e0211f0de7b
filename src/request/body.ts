/** The body of POST /jobs. */
import { Type, type Static } from 'typebox';
import { DatasetSchema } from '../data/sources/index.js';
import { SplitSchema } from '../data/split.js';
import { CallbackSchema } from '../learner/callbacks/index.js';
import { LossSchema } from '../learner/losses/index.js';
import { MetricsSchema } from '../learner/metrics/index.js';
import { ModelSchema } from '../models/spec.js';
import { Seed, oneOf, optional, strict } from './schema/common.js';
import { Optimizer } from './schema/optimizer.js';
import { Policy } from './schema/policy.js';

const ContinueFrom = strict(
  {
    job: Type.String({ minLength: 1, description: 'A completed job' }),
    optimizer: optional(
      Type.Boolean({
        default: false,
        description: 'Also its optimizer, with state and hyperparameters, as a second `fit` on one Learner does',
      }),
    ),
  },
  { title: 'ContinueFrom', description: "Starts from a job's final parameters, in place of `model`" },
);

export const JobRequest = strict(
  {
    policy: Policy,
    dataset: DatasetSchema,
    model: optional(ModelSchema),
    continue_from: optional(ContinueFrom),
    batch_size: optional(Type.Integer({ minimum: 1, default: 64, description: 'Rows a batch' })),
    shuffle: optional(Type.Boolean({ default: true, description: 'A new order of the training rows each epoch' })),
    drop_last: optional(
      Type.Boolean({ default: true, description: 'Leave out the last training batch where it is not full' }),
    ),
    seed: optional(Seed),
    split: optional(SplitSchema),
    loss: optional(LossSchema),
    metrics: optional(MetricsSchema),
    optimizer: optional(Optimizer),
    train_bn: optional(Type.Boolean({ default: true, description: 'Batch norm goes on training in frozen groups' })),
    wd_bn_bias: optional(Type.Boolean({ default: false, description: 'Weight decay on biases and batch norm too' })),
    freeze_to: optional(
      Type.Integer({
        description: 'Parameter groups before this one are frozen; a negative number counts from the end',
      }),
    ),
    callbacks: optional(Type.Array(CallbackSchema, { description: 'Callbacks beside those of the policy' })),
    name: optional(Type.String({ maxLength: 200, description: 'A name of your own' })),
    tags: optional(Type.Record(Type.String(), Type.String({ maxLength: 500 }), { description: 'Words of your own' })),
    max_attempts: optional(
      Type.Integer({
        minimum: 1,
        maximum: 100,
        default: 3,
        description: 'How often the job is tried when its trainer or its worker is lost',
      }),
    ),
    timeout_seconds: optional(
      Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()], {
        default: null,
        description: 'The job fails if it trains longer than this',
      }),
    ),
    checkpoint_seconds: optional(
      Type.Number({ exclusiveMinimum: 0, default: 30, description: 'Time between two checkpoints' }),
    ),
    device: optional(
      oneOf(['auto', 'cpu', 'gpu'], {
        default: 'auto',
        description: 'Where the job trains; `auto` takes a GPU where a worker has one',
      }),
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
export type JobRequest = Static<typeof JobRequest>;
