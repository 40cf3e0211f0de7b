/** What `Learner.create` is given, checked and made into a spec: by the same schemas as a job. */
import { Type, type Static } from 'typebox';
import type { Engine } from '../engine/index.js';
import { OnecycleError, type FieldProblem } from '../errors.js';
import { events, type Callback, type LossSpec, type MetricSpec } from '../learner/index.js';
import type { CallbackRequest } from '../learner/callbacks/index.js';
import type { ModelRequest, PostedModel } from '../models/index.js';
import type { OptimizerName, OptimizerRequest } from '../optimizer/index.js';
import { JobRequest } from '../request/body.js';
import { resolveSpec } from '../request/resolve.js';
import type { JobSpec } from '../request/spec.js';
import { problemsOf } from '../schema/check.js';
import { oneOf, optional, Positive, Flag } from '../schema/fields.js';
import { isObject } from '../schema/json.js';
import { dataPointer, forms, type DataOption, type NamedData } from './data.js';
import { engineChoices, type EngineChoice } from './engine.js';
import { inSnake, wrongArguments, type Camel } from './naming.js';

/** A model as a script names it: its preset alone, or as a job's request has it. */
export type ModelOption = string | Exclude<ModelRequest, PostedModel>;

/** The fields of a request that a script gives as they are, by their names there. */
type Shared = Camel<
  Pick<JobRequest, 'batch_size' | 'shuffle' | 'drop_last' | 'seed' | 'split' | 'train_bn' | 'wd_bn_bias'>
>;

/** What a Learner is to be made of; what is left out is as in a job. */
export interface CreateOptions extends Shared {
  data: DataOption;
  model: ModelOption;
  /** Left out: cross-entropy for classes, mean squared error for values. */
  loss?: LossSpec;
  /** Left out: accuracy for classes, mean absolute error for values. */
  metrics?: readonly MetricSpec[];
  /** fastai's Adam if left out. */
  optimizer?: OptimizerName | OptimizerRequest;
  /** On every fit: callbacks, or as a job's request has them. */
  callbacks?: readonly (Callback | CallbackRequest)[];
  /** The rate of fits that are given none: 0.001 if left out. */
  lr?: number;
  /** Momentum at the start, at the top and at the end of one-cycle: [0.95, 0.85, 0.95] if left out. */
  moms?: [number, number, number];
  /** `auto`, if left out: native TensorFlow where it is installed, else WebAssembly, which is said. */
  engine?: EngineChoice | Engine;
  /** Whether fits draw a progress bar and print a row per epoch, on stderr. Left out: on a terminal. */
  logging?: boolean;
}

/** The options that no job has. */
const OwnOptions = Type.Object({
  lr: optional(Positive('Learning rate of fits that set none')),
  moms: optional(
    Type.Array(Type.Number({ minimum: 0, exclusiveMaximum: 1 }), {
      minItems: 3,
      maxItems: 3,
      description: 'Momentum at the start, at the highest rate and at the end',
    }),
  ),
  engine: optional(oneOf(engineChoices, { description: 'Which engine to use' })),
  logging: optional(Flag('Whether fits show a progress bar and a table')),
});

const shared = ['batchSize', 'shuffle', 'dropLast', 'seed', 'split', 'trainBn', 'wdBnBias', 'loss', 'metrics'] as const;
const known = [...shared, 'data', 'model', 'optimizer', 'callbacks', ...Object.keys(OwnOptions.properties)];

/** Whether a value is a callback itself, not what a request says of one. */
export const isCallback = (value: object): value is Callback =>
  [...events, 'cleanup', 'state', 'restore'].some((event) => typeof Reflect.get(value, event) === 'function');

/** @throws OnecycleError `invalid_spec` for what can be told without looking at the data */
export function checkOptions(options: unknown): asserts options is CreateOptions {
  if (!isObject(options))
    throw wrongArguments('Learner.create', [{ pointer: '', detail: 'must be given an object with data and model' }]);
  const { engine, ...own } = options;
  const problems: FieldProblem[] = Object.keys(options)
    .filter((name) => !known.includes(name))
    .map((name) => ({ pointer: `/${name}`, detail: `is not a known option; known here: ${known.join(', ')}` }));
  if (options.data === undefined) problems.push({ pointer: '/data', detail: `is required: ${forms}` });
  if (options.model === undefined)
    problems.push({
      pointer: '/model',
      detail: "is required: a preset ('mlp', {preset: 'mlp', hidden: [64]}) or {layers}",
    });
  const given = { lr: own.lr, moms: own.moms, logging: own.logging, ...(!isObject(engine) && { engine }) };
  problems.push(...problemsOf(OwnOptions, withoutUndefined(given)));
  problems.push(...callbackProblems(options.callbacks));
  if (problems.length > 0) throw wrongArguments('Learner.create', problems);
}

const withoutUndefined = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));

/** What is wrong with a list of callbacks, their arguments aside. */
export function callbackProblems(callbacks: unknown): FieldProblem[] {
  if (callbacks === undefined) return [];
  if (!Array.isArray(callbacks)) return [{ pointer: '/callbacks', detail: 'must be a list' }];
  return callbacks.flatMap((each: unknown, i) =>
    isObject(each) && typeof each.name === 'string'
      ? []
      : [{ pointer: `/callbacks/${i}`, detail: "must be a callback, or its name and arguments: {name: 'save_best'}" }],
  );
}

/** A spec, and what its Learner is given beside it. */
export interface ResolvedOptions {
  spec: JobSpec;
  /** Given weights, as JSON. */
  weights?: Uint8Array;
  /** Those that were given as they are. */
  callbacks: Callback[];
}

/** @throws OnecycleError `invalid_spec` with everything that is wrong */
export function resolveOptions(options: CreateOptions, named: NamedData): ResolvedOptions {
  const { data, model, optimizer, callbacks = [] } = options;
  const specs = callbacks.flatMap((each, index) => (isCallback(each) ? [] : [{ spec: each, index }]));
  const fields = Object.fromEntries(shared.map((name) => [name, options[name]]));
  const body = {
    policy: { name: 'fit', n_epoch: 1 },
    dataset: named.dataset,
    model: typeof model === 'string' ? { preset: model } : model,
    ...inSnake(fields),
    ...(optimizer !== undefined && { optimizer: typeof optimizer === 'string' ? { name: optimizer } : optimizer }),
    callbacks: specs.map(({ spec }) => spec),
  };
  const pointerOf = (pointer: string): string =>
    shortPointer(options, dataPointer(data, pointer)).replace(
      /^\/callbacks\/(\d+)/,
      (_, index: string) => `/callbacks/${specs[Number(index)].index}`,
    );
  try {
    const problems = problemsOf(JobRequest, body);
    if (problems.length > 0) throw new OnecycleError('invalid_spec', 'The options are not valid', problems);
    const { spec, files } = resolveSpec(body as Static<typeof JobRequest>, { uploads: named.uploads }); // just checked
    return {
      spec,
      callbacks: callbacks.filter((each): each is Callback => isCallback(each)),
      ...(files.weights && { weights: files.weights }),
    };
  } catch (error) {
    if (!(error instanceof OnecycleError) || error.problems.length === 0) throw error;
    throw wrongArguments(
      'Learner.create',
      error.problems.map(({ pointer, detail }) => ({ pointer: pointerOf(pointer), detail })),
    );
  }
}

/** What was given as a name alone has nothing in it to point at. */
function shortPointer({ model, optimizer }: CreateOptions, pointer: string): string {
  if (typeof model === 'string' && pointer.startsWith('/model/')) return '/model';
  return typeof optimizer === 'string' && pointer.startsWith('/optimizer/') ? '/optimizer' : pointer;
}
