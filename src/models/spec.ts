/** What is said of a model: by a client, in a job's record, and once every shape is known. Pure data. */
import { Type, type TProperties, type TSchema } from 'typebox';
import { ModelId, oneOf, optional, Sha256, strict } from '../schema/fields.js';
import type { JsonObject } from '../schema/json.js';
import type { ParameterKind } from './layers/layer.js';
import { LayerSchema, parameterNames, type LayerSpec, type ParameterName } from './layers/index.js';
import { presets } from './presets/index.js';

export { LayerSchema, layerTypes, type LayerSpec, type ParameterName } from './layers/index.js';

/** Numbers in lists in lists, rows first. */
export type NestedNumbers = number | NestedNumbers[];

/** A parameter's value, as a client gives it: `value` has the parameter's shape, which is checked with the model. */
export interface GivenWeight {
  /** By index, or by name. */
  layer: number | string;
  name: ParameterName;
  value: NestedNumbers;
}

const GivenWeightSchema = Type.Unsafe<GivenWeight>(
  strict(
    {
      layer: Type.Union([Type.Integer({ minimum: 0 }), Type.String({ minLength: 1 })], {
        description: 'Index or name of the layer',
      }),
      name: oneOf(parameterNames, { description: 'Name of the parameter, such as `kernel`' }),
      value: Type.Unsafe<unknown>({ description: 'Nested arrays; kernels are [in, out] and [height, width, in, out]' }),
    },
    { title: 'GivenWeight', description: 'Initial value of a parameter' },
  ),
);

const givenWeights = Type.Array(GivenWeightSchema, {
  description: 'Initial values of parameters; the others are initialized as set by `init` of their layer',
});

/** In a record: the weights themselves are kept in storage. */
const storedWeights = strict(
  { sha256: Sha256('The JSON of the weights') },
  { description: 'Weights given in the request, by their hash' },
);

/** In a record: the file of a model that weights come from. */
const StoredModel = strict(
  { sha256: Sha256('The file of its weights') },
  { description: 'Hash of the content of the model that the weights come from' },
);

/** What requests and records say of the weights that a model starts with. */
const asGiven = { weights: optional(givenWeights) };
const asStored = { weights: optional(storedWeights), stored: optional(StoredModel) };

const pretrained = optional(
  ModelId('Id of a model whose weights to start from; a head of another size is initialized anew'),
);

const groups = { description: 'Parameter groups as lists of layers by index, first group first. Left out: one group' };
const groupLists = (options: object = {}) =>
  Type.Array(Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1 }), { minItems: 1, ...options });

/** Parameter groups as a client may write them: `"one group"` is how the reference runs write what is the default. */
export const ParamGroups = Type.Union([groupLists(), Type.Literal('one group')], groups);

const layersModel = <Groups extends TSchema>(more: TProperties, groups: Groups, title: string) =>
  strict(
    {
      ...more,
      pretrained,
      layers: Type.Array(LayerSchema, { minItems: 1, description: 'The layers in order' }),
      param_groups: optional(groups),
    },
    { title, description: 'A list of layers. The shape of the input comes from the data' },
  );

/** A preset as clients write it, one schema for each. */
export const PresetSchema = Type.Union(
  presets.map((preset) => preset.schemaWith(asGiven, `Preset_${preset.name}`)),
  { title: 'Preset', description: 'A model by name, with its arguments' },
);

/** Lets a preset that is not right pass, to be told of with all else that is wrong with a job's parts. */
const AnyPreset = Type.Object(
  {
    preset: Type.String({ description: 'Name of the preset; its arguments are fields beside it', examples: ['mlp'] }),
    ...asGiven,
  },
  {
    title: 'PresetModel',
    additionalProperties: true,
    description:
      'A preset by name. Its name and its arguments are checked together ' +
      'with how the parts of a job fit each other; errors are answered with 422',
    examples: [{ preset: 'mlp', hidden: [64] }],
  },
);

/** A model that was posted to /models, with its weights. */
const ModelById = strict(
  { id: ModelId('A model with layers: its id'), param_groups: optional(ParamGroups) },
  { title: 'ModelById', description: 'A model that was posted to /models, with its weights' },
);

/** A model as a request has it: with the weights themselves. */
export type ModelRequest =
  | ({ preset: string; pretrained?: boolean | string; weights?: GivenWeight[] } & JsonObject)
  | {
      layers: LayerSpec[];
      param_groups?: number[][] | 'one group';
      pretrained?: string;
      weights?: GivenWeight[];
    }
  | PostedModel;

/** A posted model, as a request names it. */
export interface PostedModel {
  id: string;
  param_groups?: number[][] | 'one group';
}

/** Whether a request names a posted model. */
export const isPosted = (model: ModelRequest): model is PostedModel => !('preset' in model) && 'id' in model;

/** What a client may write for a model. */
export const ModelSchema = Type.Unsafe<ModelRequest>(
  Type.Union([...PresetSchema.anyOf, AnyPreset, layersModel(asGiven, ParamGroups, 'LayersModel'), ModelById], {
    title: 'Model',
    description: 'A preset with its arguments, a list of layers, or a posted model',
    examples: [
      { preset: 'mlp', hidden: [64] },
      { layers: [{ type: 'dense', units: 8 }, { type: 'relu' }, { type: 'dense', units: 2 }] },
    ],
  }),
);

/** A model as a job's record has it: weights that were given are named by their hash. */
export type ModelSpec = (
  | ({ preset: string; pretrained?: boolean | string } & JsonObject)
  | { layers: LayerSpec[]; param_groups?: number[][]; pretrained?: string; id?: string }
) & { weights?: { sha256: string }; stored?: { sha256: string } };

/** What a job's record says of its model. */
export const ModelSpecSchema = Type.Unsafe<ModelSpec>(
  Type.Union(
    [
      ...presets.map((preset) => preset.schemaWith(asStored, `PresetSpec_${preset.name}`)),
      layersModel(
        { ...asStored, id: optional(ModelId('The model that these layers belong to')) },
        groupLists(groups),
        'LayersModelSpec',
      ),
    ],
    { title: 'ModelSpec', description: 'A preset with its arguments, or a list of layers' },
  ),
);

/** A tensor that a model holds. Kernels are [in, out] and [height, width, in, out], as in TensorFlow. */
export interface ParameterSpec {
  /** Index of its layer. */
  layer: number;
  /** The layer's own name, or its index where it has none. */
  layer_name: string;
  name: ParameterName;
  shape: number[];
  kind: ParameterKind;
}

/** A model with every shape known: what the engine builds and what checks run against. */
export interface ModelPlan {
  layers: LayerSpec[];
  /** Of one row, without the batch. */
  input_shape: number[];
  output_shape: number[];
  /** Of each layer's output, without the batch. */
  layer_shapes: number[][];
  /** All parameters in the order of the layers; within a layer in the order in which it names them. */
  parameters: ParameterSpec[];
  /** Indexes of layers, one list per parameter group, in order; every layer with parameters is in exactly one. */
  param_groups: number[][];
}
