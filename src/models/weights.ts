/** The values of a model's parameters: what they start as, what a client gave, and by name in files. */
import { invalidSpecs, OnecycleError, type FieldProblem } from '../errors.js';
import { findMisfit, flattenInto, product } from '../numbers/nested.js';
import { isObject } from '../schema/json.js';
import { layerOf } from './layers/index.js';
import { shapeText } from './layers/shapes.js';
import { inputShape } from './plan.js';
import type { Tensor } from './safetensors.js';
import type { ModelPlan, ParameterSpec } from './spec.js';

/**
 * The values that a model starts with, in the order of `plan.parameters`: each as its layer says, by random numbers
 * that depend on nothing but the seed and the parameter's place in that order.
 */
export function initialWeights(plan: ModelPlan, seed: number): Float32Array[] {
  return plan.layers
    .flatMap((layer, i) => layerOf(layer).parameters(layer, inputShape(plan, i)))
    .map(({ shape, start }, index) => start(new Float32Array(product(shape)), { seed, purpose: 'weights', index }));
}

/**
 * Reads weights that a client gave: their values by index in `plan.parameters`.
 * @throws OnecycleError invalid_spec with every problem; pointers are relative to the model (`/weights/2/value`).
 */
export function readGivenWeights(plan: ModelPlan, given: unknown): Map<number, Float32Array> {
  if (!Array.isArray(given))
    throw invalidSpecs([{ pointer: '/weights', detail: 'weights must be a list of {layer, name, value}' }]);
  const problems: FieldProblem[] = [];
  const values = new Map<number, Float32Array>();
  for (const [i, weight] of given.entries()) {
    const read = readWeight(plan, weight, `/weights/${i}`);
    if ('problem' in read) problems.push(read.problem);
    else if (values.has(read.index)) problems.push({ pointer: `/weights/${i}`, detail: 'This weight occurs twice' });
    else values.set(read.index, read.value);
  }
  if (problems.length > 0) throw invalidSpecs(problems);
  return values;
}

function readWeight(
  plan: ModelPlan,
  given: unknown,
  pointer: string,
): { index: number; value: Float32Array } | { problem: FieldProblem } {
  const problem = (field: string, detail: string) => ({ problem: { pointer: pointer + field, detail } });
  if (!isObject(given)) return problem('', 'A weight must be an object {layer, name, value}');
  const unknown = Object.keys(given).find((key) => !['layer', 'name', 'value'].includes(key));
  if (unknown !== undefined)
    return problem('', `A weight has no field ${unknown}; its fields are layer, name and value`);
  const own = plan.parameters.filter((each) => given.layer === each.layer || given.layer === each.layer_name);
  if (own.length === 0) return problem('/layer', 'layer must be the index or the name of a layer with parameters');
  const parameter = own.find(({ name }) => name === given.name);
  if (!parameter) return problem('/name', `name must be one of ${own.map(({ name }) => name).join(', ')}`);
  const misfit = findMisfit(given.value, parameter.shape);
  if (misfit)
    return problem(
      ['/value', ...misfit.path].join('/'),
      `The ${parameter.name} of layer ${parameter.layer} has shape ${shapeText(parameter.shape)}: ` +
        `this must be ${misfit.expected}`,
    );
  const value = new Float32Array(product(parameter.shape));
  flattenInto(value, given.value);
  return { index: plan.parameters.indexOf(parameter), value };
}

/**
 * `weights` with those replaced that a client gave.
 * @throws OnecycleError as `readGivenWeights`
 */
export function withGiven(plan: ModelPlan, weights: readonly Float32Array[], given: unknown): Float32Array[] {
  const values = readGivenWeights(plan, given);
  return weights.map((weight, i) => values.get(i) ?? weight);
}

/** A parameter's name in files and answers: `LAYER.NAME`, by its layer's own name, or index where that has none. */
export const tensorName = ({ layer_name, name }: ParameterSpec): string => `${layer_name}.${name}`;

/** A model's weights as named tensors, ready for a safetensors file. */
export function namedWeights(plan: ModelPlan, weights: readonly Float32Array[]): Map<string, Tensor> {
  return new Map(
    plan.parameters.map((parameter, i) => [tensorName(parameter), { shape: parameter.shape, data: weights[i] }]),
  );
}

/**
 * The reverse: a model's weights from named tensors.
 * @throws OnecycleError `bad_data` where one is missing or of another shape
 */
export function weightsFrom(plan: ModelPlan, tensors: ReadonlyMap<string, Tensor>): Float32Array[] {
  return plan.parameters.map((parameter) => {
    const tensor = tensors.get(tensorName(parameter));
    if (tensor?.data instanceof Float32Array && shapeText(tensor.shape) === shapeText(parameter.shape))
      return tensor.data;
    throw new OnecycleError(
      'bad_data',
      `The weights have no float32 tensor ${tensorName(parameter)} of shape ${shapeText(parameter.shape)}`,
    );
  });
}
