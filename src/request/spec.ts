/** A job's spec as its record shows it and as a trainer runs it: the request with every default filled in. */
import { Type, type Static } from 'typebox';
import type { DatasetInfo } from '../data/types.js';
import type { GivenWeight, LayerSpec } from '../models/spec.js';
import type { OptimizerSpec } from '../optimizer/spec.js';
import { Count, optional, strict, Whole } from '../schema/fields.js';
import type { PolicySpec } from '../schedule/types.js';
import { ContinueFrom, FirstRowsSplit, JobRequest, RandomSplit } from './body.js';
import { CallbackSchema, type CallbackSpec } from '../learner/callbacks/index.js';
import { Dataset } from './schema/dataset.js';
import { Layer } from './schema/model.js';
import { Optimizer } from './schema/optimizer.js';
import { Policy } from './schema/policy.js';

/** What a job may be: `lr_find` where its policy is the learning-rate finder. */
export const jobTypes = ['fit', 'lr_find'] as const;

/** One of them. */
export type JobType = (typeof jobTypes)[number];

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of what was given, in hexadecimal' });

const Target = Type.Union([
  strict({ kind: Type.Literal('classes'), classes: Count('Classes to tell apart') }),
  strict({ kind: Type.Literal('values'), outputs: Count('Values to predict') }),
]);

/** Inline rows, which are kept in storage. */
const InlineRows = strict(
  {
    inline: strict({
      rows: Count('Rows'),
      x_shape: Type.Array(Count('Length'), { description: 'Shape of one row' }),
      target: Target,
      sha256: Sha256,
    }),
  },
  { title: 'InlineRows', description: 'Rows that were given inline, by their shape and hash' },
);

/** The data set of a spec. */
export type DatasetSpec =
  Exclude<Static<typeof Dataset>, { inline: unknown }> | { inline: DatasetInfo & { sha256: string } };
const DatasetSpec = Type.Unsafe<DatasetSpec>(
  Type.Union([...Dataset.anyOf.filter(({ properties }) => !('inline' in properties)), InlineRows], {
    title: 'DatasetSpec',
    description: 'The rows to learn from',
  }),
);

/** Weights that were given, which are kept in storage. */
const weights = optional(strict({ sha256: Sha256 }, { description: 'Weights that were given, by their hash' }));

/** A preset by name with its arguments, or layers. */
export type ModelSpec =
  | ({ preset: string; weights?: { sha256: string } } & Record<string, unknown>)
  | { layers: LayerSpec[]; param_groups?: number[][]; weights?: { sha256: string } };
const ModelSpec = Type.Unsafe<ModelSpec>(
  Type.Union(
    [
      Type.Object(
        { preset: Type.String({ description: 'Its name; its arguments stand beside it' }), weights },
        { title: 'PresetModelSpec', additionalProperties: true },
      ),
      strict(
        {
          layers: Type.Array(Layer),
          weights,
          param_groups: optional(
            Type.Array(Type.Array(Whole('Index of a layer')), {
              description: 'Parameter groups as lists of layers by index, first group first. Left out: one group',
            }),
          ),
        },
        { title: 'LayersModelSpec' },
      ),
    ],
    { title: 'ModelSpec', description: 'A preset with its arguments, or a list of layers' },
  ),
);

/** A model as a request has it: with the weights themselves. */
export type ModelRequest =
  | ({ preset: string; weights?: GivenWeight[] } & Record<string, unknown>)
  | { layers: LayerSpec[]; param_groups?: number[][]; weights?: GivenWeight[] };

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
    'checkpoint_seconds',
    'device',
  ]),
).properties;

/** Fields that a spec has where the request has them. */
const asGiven = Type.Pick(JobRequest, ['freeze_to', 'name']).properties;

/** A job's spec. */
export const JobSpec = Type.Object(
  {
    policy: Type.Unsafe<PolicySpec>(Policy),
    dataset: DatasetSpec,
    model: ModelSpec,
    optimizer: Type.Unsafe<OptimizerSpec>(Optimizer),
    split: Type.Union([Type.Required(RandomSplit, { title: 'RandomSplitSpec' }), FirstRowsSplit]),
    callbacks: Type.Array(Type.Unsafe<CallbackSpec>(CallbackSchema)),
    continue_from: optional(Type.Required(ContinueFrom, { title: 'ContinueFromSpec' })),
    ...filledIn,
    ...asGiven,
  },
  {
    title: 'JobSpec',
    description:
      'The job as it was posted, every default filled in; inline data and weights are named by their hash. The arguments ' +
      'of a policy that were left out take their defaults when the policy is planned',
  },
);
/** As the schema says. */
export type JobSpec = Static<typeof JobSpec>;

/** The job that a request continues from, as far as it looks at it: a job's record is one. */
export interface SourceJob {
  id: string;
  status: string;
  spec: JobSpec;
}
