/** The model of a job: as given, or that of the job it continues from. */
import type { DatasetInfo } from '../data/types.js';
import { invalidSpec, OnecycleError } from '../errors.js';
import { planModel } from '../models/plan.js';
import type { ModelPlan, ModelRequest, ModelSpec } from '../models/spec.js';
import { readGivenWeights } from '../models/weights.js';
import { datasetInfo } from './dataset.js';
import { sha256 } from './hash.js';
import { Problems } from './problems.js';
import type { JobRequest } from './body.js';
import type { SourceJob } from './spec.js';

/** The model of a job. */
export interface ResolvedModel {
  spec: ModelSpec;
  plan: ModelPlan;
  /** The given weights, as JSON. */
  file?: Buffer;
}

/**
 * What a job's record says of its model, every shape of it, and given weights as a file; undefined where the request
 * names neither model nor source (noted elsewhere).
 * @throws OnecycleError `invalid_spec` with pointers from the body's root
 */
export function resolveModel(
  request: JobRequest,
  source: SourceJob | null,
  info: DatasetInfo,
): ResolvedModel | undefined {
  if (request.continue_from) return source ? continuedModel(source, info) : undefined;
  return request.model && givenModel(request.model, info);
}

function givenModel(request: ModelRequest, info: DatasetInfo): ResolvedModel {
  const problems = new Problems();
  const { weights } = request;
  const model = withoutOneGroup(without(request as ModelSpec, 'weights'));
  const plan = problems.collect('/model', () => planModel(model, info));
  if (plan && weights) problems.collect('/model', () => readGivenWeights(plan, weights));
  problems.throwAny();
  if (!weights) return { spec: model, plan: plan! };
  const file = Buffer.from(JSON.stringify(weights));
  return { spec: { ...model, weights: { sha256: sha256(file) } }, plan: plan!, file };
}

/** "one group" is how the reference runs write what is the default here. */
const withoutOneGroup = (model: ModelSpec): ModelSpec =>
  'param_groups' in model && model.param_groups === 'one group' ? without(model, 'param_groups') : model;

const without = (model: ModelSpec, field: 'weights' | 'param_groups'): ModelSpec =>
  Object.fromEntries(Object.entries(model).filter(([name]) => name !== field)) as ModelSpec;

/** The source's model with the parameters it ended with: they must fit the new data. */
function continuedModel(source: SourceJob, info: DatasetInfo): ResolvedModel {
  const spec = without(source.spec.model, 'weights');
  const before = planModel(spec, datasetInfo(source.spec));
  const plan = fitOn(spec, info);
  if (!plan || shapes(plan) !== shapes(before)) {
    const outputs = `${before.output_shape.join(' × ')} outputs of the job ${source.id}`;
    const rows = `[${before.input_shape.join(', ')}]`;
    throw invalidSpec('/dataset', `must have rows of shape ${rows} and a target that the ${outputs} fit`);
  }
  return { spec, plan };
}

function fitOn(model: ModelSpec, info: DatasetInfo): ModelPlan | undefined {
  try {
    return planModel(model, info);
  } catch (error) {
    if (error instanceof OnecycleError) return undefined;
    throw error;
  }
}

const shapes = (plan: ModelPlan): string => JSON.stringify(plan.parameters.map(({ shape }) => shape));
