/** From what is said of a model to one with every shape known. */
import { Type } from 'typebox';
import type { ModelInput, Target } from '../data/types.js';
import { invalidSpecs, type FieldProblem } from '../errors.js';
import { maxElements, product } from '../numbers/nested.js';
import { fieldProblemsOf, isValid } from '../schema/check.js';
import { AnyList, ModelId, optional, strict } from '../schema/fields.js';
import { isObject, type JsonObject } from '../schema/json.js';
import { isLayer, layerOf } from './layers/index.js';
import { ShapeError, shapeText } from './layers/shapes.js';
import { expandPreset, type PresetModel } from './presets/index.js';
import { ParamGroups, type LayerSpec, type ModelPlan, type ParameterSpec } from './spec.js';

/** A model as a client or a record describes it. `weights` are looked at elsewhere (`readGivenWeights`). */
export type ModelDescription =
  | ({ preset: string; weights?: unknown } & JsonObject)
  | {
      layers: LayerSpec[];
      param_groups?: number[][] | 'one group';
      weights?: unknown;
      pretrained?: string;
      id?: string;
      stored?: unknown;
    };

/** How many numbers a model answers for a row, at least. */
export const targetSize = (target: Target): number => (target.kind === 'classes' ? target.classes : target.outputs);

/**
 * Computes every shape of a model on given data, and checks it all before anything is built.
 * @throws OnecycleError invalid_spec with every problem found; pointers are relative to the model (`/layers/3/units`).
 */
export function planModel(model: ModelDescription, input: ModelInput): ModelPlan {
  const problems: FieldProblem[] = [];
  const described = describe(model, input, problems);
  const shapes = described && layerShapes(described.layers, input.x_shape, problems);
  if (!described || !shapes) throw invalidSpecs(problems);
  const { layers, param_groups } = described;
  checkOutput(layers, shapes.at(-1)!, input.target, problems);
  const parameters = layers.flatMap((layer, i) =>
    layerOf(layer)
      .parameters(layer, shapeAt(inputsOf(layer, i)[0], shapes, input.x_shape))
      .map(({ name, shape, kind }): ParameterSpec => ({ layer: i, layer_name: nameOf(layer, i), name, shape, kind })),
  );
  checkNames(layers, parameters, problems);
  checkParameters(parameters, problems);
  checkGroups(param_groups, layers.length, parameters, problems);
  if (problems.length > 0) throw invalidSpecs(problems);
  return {
    layers,
    input_shape: input.x_shape,
    output_shape: shapes.at(-1)!,
    layer_shapes: shapes,
    parameters,
    param_groups,
  };
}

/** The layers and groups that a description stands for, or undefined where it is not understood. */
function describe(model: unknown, input: ModelInput, problems: FieldProblem[]): PresetModel | undefined {
  // A preset may have an argument of the name `layers`.
  if (!isObject(model) || !('preset' in model || 'layers' in model)) {
    problems.push({ pointer: '', detail: 'A model must have either a preset or layers' });
    return undefined;
  }
  return 'preset' in model
    ? expandPreset(model, input, targetSize(input.target), problems)
    : describeLayers(model, problems);
}

/** Each layer is checked by itself, and the weights once the shapes are known. */
const LayersDescription = strict({
  layers: AnyList('The layers of the model'),
  param_groups: optional(ParamGroups),
  weights: optional(Type.Unknown()),
  pretrained: optional(ModelId('A model whose weights to start from')),
  id: optional(ModelId('The model that these layers belong to')),
  stored: optional(Type.Unknown()),
});

function describeLayers(model: JsonObject, problems: FieldProblem[]): PresetModel | undefined {
  if (!isValid(LayersDescription, model)) {
    problems.push(...fieldProblemsOf(LayersDescription, model));
    return undefined;
  }
  const { layers, param_groups: groups = 'one group' } = model;
  const known = layers.filter((layer: unknown, i) => isLayer(layer, `/layers/${i}`, problems));
  if (known.length < layers.length) return undefined;
  return { layers: known, param_groups: groups === 'one group' ? [[...known.keys()]] : groups };
}

/** The layers whose outputs go into a layer, by index; -1 is the input of the model. */
export const inputsOf = (layer: LayerSpec, index: number): number[] => layer.inputs ?? [index - 1];
const shapeAt = (index: number, shapes: number[][], x_shape: number[]): number[] =>
  index === -1 ? x_shape : shapes[index];

/** What a layer's parameters are named by. */
const nameOf = ({ name }: LayerSpec, index: number): string => name ?? String(index);

/** The shape of a layer's (first) input. */
export const inputShape = ({ layers, layer_shapes, input_shape }: ModelPlan, index: number): number[] =>
  shapeAt(inputsOf(layers[index], index)[0], layer_shapes, input_shape);

/** The shape of each layer's output, or undefined where a layer doesn't fit (the layers after it are then unknown). */
function layerShapes(layers: LayerSpec[], x_shape: number[], problems: FieldProblem[]): number[][] | undefined {
  const shapes: number[][] = [];
  const used = new Set([layers.length - 1]);
  for (const [i, layer] of layers.entries()) {
    const inputs = inputsOf(layer, i);
    const wrong = inputs.findIndex((input) => input < -1 || input >= i);
    if (wrong !== -1) {
      problems.push({
        pointer: `/layers/${i}/inputs/${wrong}`,
        detail: `An input of layer ${i} must be an earlier layer (-1 is the input of the model)`,
      });
      return undefined;
    }
    for (const input of inputs) used.add(input);
    try {
      shapes.push(
        layerOf(layer).outputShape(
          layer,
          inputs.map((input) => shapeAt(input, shapes, x_shape)),
        ),
      );
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      problems.push({ pointer: error.field ? `/layers/${i}/${error.field}` : `/layers/${i}`, detail: error.message });
      return undefined;
    }
    if (product(shapes[i]) > maxElements)
      problems.push({
        pointer: `/layers/${i}`,
        detail: `The output of layer ${i}, ${shapeText(shapes[i])}, is too large`,
      });
  }
  for (const i of layers.keys()) {
    if (!used.has(i)) problems.push({ pointer: `/layers/${i}`, detail: `The output of layer ${i} is not used` });
  }
  return shapes;
}

/** More outputs than classes are fine, as they are for PyTorch's cross entropy: a class may have no row. */
function checkOutput(layers: LayerSpec[], shape: number[], target: Target, problems: FieldProblem[]): void {
  const last = layers.length - 1;
  const size = targetSize(target);
  const fits = shape.length === 1 && (target.kind === 'classes' ? shape[0] >= size : shape[0] === size);
  if (fits) return;
  const wanted = target.kind === 'classes' ? `[${size}] or more, one per class` : `[${size}], one per target value`;
  const pointer = layers[last].type === 'dense' ? `/layers/${last}/units` : `/layers/${last}`;
  problems.push({ pointer, detail: `The output of the last layer must be ${wanted}, not ${shapeText(shape)}` });
}

/** Two layers of one name would name their parameters alike; one without parameters may have another's index. */
function checkNames(layers: LayerSpec[], parameters: ParameterSpec[], problems: FieldProblem[]): void {
  const taken = new Map<string, number>();
  const withParameters = new Set(parameters.map(({ layer }) => layer));
  for (const [i, layer] of layers.entries()) {
    if (layer.name === undefined && !withParameters.has(i)) continue;
    const name = nameOf(layer, i);
    const other = taken.get(name);
    if (other === undefined) taken.set(name, i);
    else
      problems.push({
        pointer: `/layers/${layer.name === undefined ? other : i}/name`,
        detail: `name must differ from ${name}, which is the name of layer ${layer.name === undefined ? i : other}`,
      });
  }
}

function checkParameters(parameters: ParameterSpec[], problems: FieldProblem[]): void {
  if (parameters.length === 0)
    problems.push({ pointer: '/layers', detail: 'A model must have a layer with parameters' });
  for (const { layer, name, shape } of parameters) {
    if (product(shape) > maxElements)
      problems.push({
        pointer: `/layers/${layer}`,
        detail: `The ${name} of layer ${layer}, ${shapeText(shape)}, is too large`,
      });
  }
}

/** Every layer with parameters must be in exactly one group, and no group without any. */
function checkGroups(
  groups: number[][],
  n_layers: number,
  parameters: ParameterSpec[],
  problems: FieldProblem[],
): void {
  const withParameters = new Set(parameters.map(({ layer }) => layer));
  const seen = new Set<number>();
  for (const [g, group] of groups.entries()) {
    for (const [i, layer] of group.entries()) {
      const pointer = `/param_groups/${g}/${i}`;
      if (layer < 0 || layer >= n_layers) problems.push({ pointer, detail: `${layer} is not the index of a layer` });
      else if (seen.has(layer))
        problems.push({ pointer, detail: `Layer ${layer} must be in one parameter group only` });
      seen.add(layer);
    }
    if (withParameters.size > 0 && !group.some((layer) => withParameters.has(layer)))
      problems.push({ pointer: `/param_groups/${g}`, detail: 'A parameter group must have a layer with parameters' });
  }
  const missing = [...withParameters].filter((layer) => !seen.has(layer));
  if (missing.length > 0)
    problems.push({
      pointer: '/param_groups',
      detail: `Every layer with parameters must be in a parameter group; missing are ${missing.join(', ')}`,
    });
}
