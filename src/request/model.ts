/** The model of a job: as given, or that of the job it continues from. */
import { bodyOfPackage } from '../models/presets/vision.js';
import type { DatasetInfo } from '../data/types.js';
import { invalidSpec, invalidSpecs, OnecycleError } from '../errors.js';
import { planModel, targetSize } from '../models/plan.js';
import { isPosted, type ModelPlan, type ModelRequest, type ModelSpec, type PostedModel } from '../models/spec.js';
import { headLayers, takeTensors, type Taken } from '../models/take.js';
import { readGivenWeights, tensorName } from '../models/weights.js';
import { datasetInfo } from './dataset.js';
import { sha256 } from './hash.js';
import { Problems } from './problems.js';
import type { JobRequest } from './body.js';
import type { SourceJob, StartWeights, StoredModel } from './spec.js';

/** The model of a job. */
export interface ResolvedModel {
  spec: ModelSpec;
  plan: ModelPlan;
  /** The given weights, as JSON. */
  file?: Uint8Array;
  /** What it starts with, where that is not all drawn anew. */
  start?: StartWeights;
}

/** The posted model that a request names, if it does. */
export function modelNamedBy({ model }: Pick<JobRequest, 'model'>): { id: string; pointer: string } | undefined {
  if (model === undefined) return undefined;
  if (isPosted(model)) return { id: model.id, pointer: '/model/id' };
  return typeof model.pretrained === 'string' ? { id: model.pretrained, pointer: '/model/pretrained' } : undefined;
}

/**
 * What a job's record says of its model, every shape of it, and given weights as a file; undefined where the request
 * names neither model nor source (noted elsewhere). `stored`: the posted model that it names, null where there is none.
 * @throws OnecycleError `invalid_spec` with pointers from the body's root
 */
export function resolveModel(
  request: JobRequest,
  source: SourceJob | null,
  info: DatasetInfo,
  stored: StoredModel | null,
): ResolvedModel | undefined {
  if (request.continue_from)
    return source ? continuedModel(source, info, request.continue_from.optimizer === true) : undefined;
  if (!request.model) return undefined;
  const named = modelNamedBy(request);
  if (named && !stored)
    throw invalidSpec(
      named.pointer,
      `there is no model ${named.id} that can be trained: GET /models/${named.id} lists the layers that are not supported`,
    );
  if (isPosted(request.model)) return storedModel(request.model, info, stored!);
  const resolved = givenModel(request.model, info);
  if (typeof request.model.pretrained === 'string') return withStored(resolved, stored!);
  return bodyOfPackage(resolved.spec) ? { ...resolved, start: ofPackage(resolved.plan) } : resolved;
}

function givenModel(request: Exclude<ModelRequest, PostedModel>, info: DatasetInfo): ResolvedModel {
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

/** A posted model with its own layers: the data must fit them. */
function storedModel(
  { id, param_groups }: PostedModel,
  info: DatasetInfo,
  { layers, tensors, sha256 }: StoredModel,
): ResolvedModel {
  if (layers === null)
    throw invalidSpec('/model/id', `${id} has weights only: use it as \`pretrained\` of a preset or of layers`);
  const groups = param_groups === undefined || param_groups === 'one group' ? {} : { param_groups };
  const spec: ModelSpec = { layers, ...groups, id, stored: { sha256 } };
  const plan = fittingPlan(spec, info);
  const { matches, drawn, missing } = takeTensors(plan, tensors);
  const other = [...missing, ...drawn.map((each) => `${tensorName(each)} [${each.shape.join(', ')}]`)];
  if (other.length > 0)
    throw invalidSpec('/model/id', `its weights do not fit the data, which need ${other.slice(0, 5).join('; ')}`);
  return { spec, plan, start: { taken: matches.length, drawn: [] } };
}

/** Where the layers of a posted model and the data do not fit, the request has no field to point at but the id. */
function fittingPlan(spec: ModelSpec, info: DatasetInfo): ModelPlan {
  try {
    return planModel(spec, info);
  } catch (error) {
    if (!(error instanceof OnecycleError)) throw error;
    throw invalidSpecs(
      error.problems.map(({ pointer, detail }) => ({
        pointer: pointer.startsWith('/param_groups') ? `/model${pointer}` : '/model/id',
        detail,
      })),
    );
  }
}

function withStored(resolved: ResolvedModel, { id, tensors, sha256 }: StoredModel): ResolvedModel {
  const taken = takeTensors(resolved.plan, tensors);
  const problem = notTaken(taken);
  if (problem !== undefined) throw invalidSpec('/model/pretrained', `${id} does not fit: ${problem}`);
  return { ...resolved, spec: { ...resolved.spec, stored: { sha256 } }, start: startOf(taken) };
}

/** Why some tensors are no start for a model, or undefined where they are. */
function notTaken({ matches, missing }: Taken): string | undefined {
  if (matches.length === 0) return 'none of its tensors has the name and the shape of one of the model';
  if (missing.length === 0) return undefined;
  const more = missing.length > 5 ? `; and ${missing.length - 5} more` : '';
  return `the body needs ${missing.slice(0, 5).join('; ')}${more}`;
}

const startOf = ({ matches, drawn }: Taken): StartWeights => ({
  taken: matches.length,
  drawn: drawn.map(tensorName),
});

/** The weights that a package ships are those of the whole body. */
function ofPackage(plan: ModelPlan): StartWeights {
  const head = headLayers(plan);
  const drawn = plan.parameters.filter(({ layer }) => head.has(layer));
  return { taken: plan.parameters.length - drawn.length, drawn: drawn.map(tensorName) };
}

/** "one group" is how the reference runs write what is the default here. */
const withoutOneGroup = (model: ModelSpec): ModelSpec =>
  'param_groups' in model && model.param_groups === 'one group' ? without(model, 'param_groups') : model;

/** A model without some of what is said of its weights and groups. */
export const without = (model: ModelSpec, ...fields: ('weights' | 'stored' | 'param_groups')[]): ModelSpec =>
  Object.fromEntries(Object.entries(model).filter(([name]) => !fields.some((field) => field === name))) as ModelSpec;

/**
 * The source's model with the parameters it ended with. They must fit the new data, but for the last layer, which is
 * drawn anew where it answers in another number; not so where the optimizer's state goes on as well.
 */
function continuedModel(source: SourceJob, info: DatasetInfo, optimizer: boolean): ResolvedModel {
  const spec = without(source.spec.model, 'weights', 'stored');
  const before = planModel(spec, datasetInfo(source.spec));
  const fitted = [spec, withOutputs(spec, targetSize(info.target))]
    .flatMap((each) => {
      const plan = each && fitOn(each, info);
      return plan ? [{ spec: each, plan }] : [];
    })
    .at(0);
  const tensors = before.parameters.map((parameter) => ({ name: tensorName(parameter), shape: parameter.shape }));
  const taken = fitted && takeTensors(fitted.plan, tensors);
  if (!taken || notTaken(taken) !== undefined) {
    const outputs = `${before.output_shape.join(' × ')} outputs of the job ${source.id}`;
    const rows = `[${before.input_shape.join(', ')}]`;
    throw invalidSpec('/dataset', `must have rows of shape ${rows} and a target that fits the ${outputs}`);
  }
  if (optimizer && taken.drawn.length > 0)
    throw invalidSpec(
      '/continue_from/optimizer',
      `must be false: the head has another number of outputs and is initialized anew (${taken.drawn.map(tensorName).join(', ')})`,
    );
  return { ...fitted, start: startOf(taken) };
}

/** A list of layers that ends in a dense one, with so many outputs. */
function withOutputs(spec: ModelSpec, units: number): ModelSpec | undefined {
  if ('preset' in spec) return undefined;
  const last = spec.layers.at(-1);
  return last?.type === 'dense' ? { ...spec, layers: [...spec.layers.slice(0, -1), { ...last, units }] } : undefined;
}

function fitOn(model: ModelSpec, info: DatasetInfo): ModelPlan | undefined {
  try {
    return planModel(model, info);
  } catch (error) {
    if (error instanceof OnecycleError) return undefined;
    throw error;
  }
}
