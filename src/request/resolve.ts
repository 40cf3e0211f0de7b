/**
 * From a request's body, its shape already checked, to the spec that a trainer runs: every default filled in, every
 * part fitting the others.
 */
import { OnecycleError, type FieldProblem } from '../errors.js';
import type { OwnCallbacks } from '../learner/callbacks/index.js';
import { completeLoss, defaultLoss } from '../learner/losses/index.js';
import { completeMetric, defaultMetrics } from '../learner/metrics/index.js';
import { completeOptimizer } from '../optimizer/index.js';
import { checkPolicy, type PolicySpec, type SuggestionName } from '../schedule/index.js';
import type { ModelPlan } from '../models/spec.js';
import { validRows } from '../data/split/index.js';
import { checkMixup, checkMonitors, checkOwnCallbacks, completeCallbacks } from './callbacks.js';
import { resolveDataset } from './dataset.js';
import type { ResolvedDataset } from './resolved-dataset.js';
import { finderPolicy, normaliseRate, type FinderRequest } from './finder.js';
import { resolveModel, type ResolvedModel } from './model.js';
import { checkLoss, checkMetrics } from './objective.js';
import { Problems } from './problems.js';
import { complete } from '../schema/complete.js';
import { ContinueFrom, JobRequest, type CompleteRequest } from './body.js';
import { checkBatches, resolveSplit } from './split.js';
import type { JobSpec, JobType, SourceJob, StoredModel } from './spec.js';
import type { Uploads } from './uploads/index.js';

/** A job that can be created. */
export interface ResolvedJob {
  type: JobType;
  spec: JobSpec;
  /** Kept in storage: the inline rows (JSON `{x, y}`), the given weights (JSON, a list of GivenWeight). */
  files: { dataset?: Uint8Array; weights?: Uint8Array };
  /** The job that must suggest a rate before this one can run. */
  finder?: { spec: JobSpec; suggestion: SuggestionName };
}

/** What a request names, as far as it exists. */
export interface Known {
  /** The job to continue from. */
  source?: SourceJob | null;
  /** The callbacks that this server has beside the built-in ones. */
  own?: OwnCallbacks;
  /** Uploaded data sets: `namedUploads` tells which. */
  uploads?: Uploads;
  /** The posted model: `modelNamedBy` tells which. */
  stored?: StoredModel | null;
}

/**
 * Resolves a request. Pure: reads nothing but its arguments.
 * @throws OnecycleError `invalid_spec` with everything that is wrong, `source_not_completed`.
 */
export function resolveSpec(
  request: JobRequest,
  { source = null, own = new Map(), uploads = new Map(), stored = null }: Known = {},
): ResolvedJob {
  const problems = new Problems();
  checkSource(request, source, problems);

  const dataset = problems.collect('', () =>
    resolveDataset({ ...request, model: request.model ?? source?.spec.model }, uploads),
  );
  const model = dataset && problems.collect('', () => resolveModel(request, source, dataset.info, stored));
  const policy = resolvePolicy(request, model?.plan, problems);
  const filled = complete(JobRequest, request);
  const split = dataset && problems.collect('', () => resolveSplit(request, dataset, uploads));
  if (dataset) {
    checkLoss(request, dataset.info.target, problems);
    checkMixup(request, dataset.info, problems);
  }
  if (dataset && split) {
    const { rows, target } = dataset.info;
    const validating = validRows(split, rows);
    checkMetrics(request, target, validating, problems);
    checkBatches(filled, split, rows, problems);
    checkMonitors(request, dataset.info, validating > 0, problems);
  }
  if (model) checkFreezing(request.freeze_to, model.plan, problems);
  if (request.finish && request.policy.name === 'lr_find')
    problems.add('/finish', 'must be left out: a finder leaves no schedule');
  if (request.gpu_memory_bytes !== undefined && request.device === 'cpu')
    problems.add('/gpu_memory_bytes', 'must be left out: the job is for a CPU');
  checkOwnCallbacks(request, own, problems);
  if (request.concurrency_limit !== undefined && request.concurrency_key === undefined)
    problems.add('/concurrency_limit', 'must be left out, or be given together with `concurrency_key`');
  problems.throwAny();
  if (!dataset || !model || !split) throw new Error('A part that could not be resolved left no problem behind.');
  return assemble(filled, { source, dataset, model, policy, split, own });
}

interface Parts {
  source: SourceJob | null;
  dataset: ResolvedDataset;
  model: ResolvedModel;
  policy: { policy: PolicySpec; finder?: FinderRequest };
  split: JobSpec['split'];
  own: OwnCallbacks;
}

function assemble(
  request: CompleteRequest,
  { source, dataset, model, policy: { policy, finder }, split, own }: Parts,
): ResolvedJob {
  const { target } = dataset.info;
  // A second fit on one Learner goes on with the optimizer that the first one made.
  const learner = request.continue_from?.optimizer && source ? source.spec : undefined;
  const shared: JobSpec = {
    policy,
    dataset: dataset.spec,
    model: model.spec,
    batch_size: request.batch_size,
    shuffle: request.shuffle,
    drop_last: request.drop_last,
    seed: request.seed,
    split,
    loss: completeLoss(request.loss ?? defaultLoss[target.kind]),
    metrics: (request.metrics ?? defaultMetrics[target.kind]).map((metric) => completeMetric(metric, target)),
    optimizer: learner?.optimizer ?? completeOptimizer(request.optimizer ?? { name: 'adam' }),
    train_bn: learner?.train_bn ?? request.train_bn,
    wd_bn_bias: learner?.wd_bn_bias ?? request.wd_bn_bias,
    ...(request.freeze_to !== undefined && { freeze_to: request.freeze_to }),
    callbacks: completeCallbacks(request.callbacks, own),
    ...(model.start && { weights: model.start }),
    ...(request.continue_from &&
      source?.checkpoint && {
        continue_from: { ...complete(ContinueFrom, request.continue_from), checkpoint: source.checkpoint },
      }),
    ...(request.name !== undefined && { name: request.name }),
    tags: request.tags,
    max_attempts: request.max_attempts,
    timeout_seconds: request.timeout_seconds,
    stall_seconds: request.stall_seconds,
    checkpoint_seconds: request.checkpoint_seconds,
    keep_checkpoints: request.keep_checkpoints,
    priority: request.priority,
    ...(request.concurrency_key !== undefined && {
      concurrency_key: request.concurrency_key,
      concurrency_limit: request.concurrency_limit ?? 1,
    }),
    device: request.device,
    ...(request.threads !== undefined && { threads: request.threads }),
    ...(request.gpu_memory_bytes !== undefined && { gpu_memory_bytes: request.gpu_memory_bytes }),
    ...(request.requires !== undefined && { requires: request.requires }),
  };
  return {
    type: policy.name === 'lr_find' ? 'lr_find' : 'fit',
    spec: request.finish ? { ...shared, finish: request.finish } : shared,
    files: { ...(dataset.file && { dataset: dataset.file }), ...(model.file && { weights: model.file }) },
    ...(finder && { finder: { spec: { ...shared, policy: finderPolicy(finder) }, suggestion: finder.suggestion } }),
  };
}

/** The source must be there and completed, and what it fixed may not be given again. */
function checkSource(request: JobRequest, source: SourceJob | null, problems: Problems): void {
  const from = request.continue_from;
  if (!from) {
    if (request.model === undefined)
      problems.add('/model', 'is required, unless `continue_from` names a job to continue from');
    return;
  }
  const fixed = from.optimizer ? (['model', 'optimizer', 'train_bn', 'wd_bn_bias'] as const) : (['model'] as const);
  for (const field of fixed) {
    if (request[field] !== undefined)
      problems.add(`/${field}`, `must be left out: it comes from the job in continue_from`);
  }
  if (!source) problems.add('/continue_from/job', `there is no job ${from.job}`);
  else if (from.checkpoint !== undefined) {
    if (source.checkpoint === null)
      problems.add('/continue_from/checkpoint', 'must be `last`, `best`, or the id or name of a checkpoint of the job');
  } else if (source.status !== 'completed' || source.checkpoint === null) {
    const detail = `Job ${source.id} is ${source.status}; without a checkpoint, only a completed job can be continued from.`;
    throw new OnecycleError('source_not_completed', detail, [
      {
        pointer: '/continue_from/job',
        detail: `must be a completed job, or be given with a checkpoint; this one is ${source.status}`,
      },
    ]);
  }
}

function resolvePolicy({ policy }: JobRequest, plan: ModelPlan | undefined, problems: Problems): Parts['policy'] {
  for (const { pointer, detail } of plan ? checkPolicy(policy, plan.param_groups.length) : whateverTheGroups(policy))
    problems.add(`/policy${pointer}`, detail);
  return normaliseRate(policy);
}

/** What is wrong with a policy no matter how many parameter groups the model has. */
function whateverTheGroups(policy: unknown): FieldProblem[] {
  const ofTwo = checkPolicy(policy, 2).map((problem) => JSON.stringify(problem));
  return checkPolicy(policy, 1).filter((problem) => ofTwo.includes(JSON.stringify(problem)));
}

function checkFreezing(
  freezeTo: number | undefined,
  { param_groups: { length: groups } }: ModelPlan,
  problems: Problems,
): void {
  if (freezeTo !== undefined && Math.abs(freezeTo) > groups)
    problems.add(
      '/freeze_to',
      `must be from ${-groups} to ${groups}: the model has ${groups} parameter group${groups === 1 ? '' : 's'}`,
    );
}
