/** The layers that a model can be made of. Loads no engine. */
import { Type, type Static, type TObject } from 'typebox';
import type { FieldProblem } from '../../errors.js';
import { fieldProblemsOf } from '../../schema/check.js';
import { complete, type Complete } from '../../schema/complete.js';
import { child, isObject } from '../../schema/json.js';
import { activation } from './activation.js';
import { adaptiveConcatPool } from './adaptive-concat-pool.js';
import { add } from './add.js';
import { avgPool } from './avg-pool.js';
import { batchNorm } from './batch-norm.js';
import { columns } from './columns.js';
import { concatenate } from './concatenate.js';
import { conv2d } from './conv2d.js';
import { dense } from './dense.js';
import { depthwiseConv2d } from './depthwise-conv2d.js';
import { dropout } from './dropout.js';
import { embedding } from './embedding.js';
import { flatten } from './flatten.js';
import { globalAvgPool } from './global-avg-pool.js';
import { globalMaxPool } from './global-max-pool.js';
import { groupNorm } from './group-norm.js';
import { layerNorm } from './layer-norm.js';
import type { LayerType } from './layer.js';
import { maxPool } from './max-pool.js';
import { multiply } from './multiply.js';
import { relu } from './relu.js';
import { reshape } from './reshape.js';
import { separableConv2d } from './separable-conv2d.js';
import { sigmoidRange } from './sigmoid-range.js';
import { upsampling2d } from './upsampling2d.js';
import { zeroPadding2d } from './zero-padding2d.js';

/** A new layer is a file beside these and a line here. */
export const layers = [
  dense,
  conv2d,
  depthwiseConv2d,
  separableConv2d,
  batchNorm,
  layerNorm,
  groupNorm,
  relu,
  activation,
  sigmoidRange,
  maxPool,
  avgPool,
  globalAvgPool,
  globalMaxPool,
  adaptiveConcatPool,
  flatten,
  reshape,
  zeroPadding2d,
  upsampling2d,
  dropout,
  add,
  multiply,
  concatenate,
  columns,
  embedding,
] as const;

type AnyLayer = (typeof layers)[number];

/** One layer of a model, as clients write it. It takes the output of the one before it unless `inputs` names others. */
export type LayerSpec = Static<AnyLayer['schema']>;

/** What a parameter may be named. */
export type ParameterName = AnyLayer['parameterNames'][number];

const byType: ReadonlyMap<string, AnyLayer> = new Map(layers.map((layer) => [layer.type, layer]));

/** The types of layers. */
export const layerTypes: readonly string[] = [...byType.keys()];

/** The names of parameters, each once. */
export const parameterNames: readonly ParameterName[] = [
  ...new Set(layers.flatMap((layer): readonly ParameterName[] => layer.parameterNames)),
];

/** What a client may write for a layer. */
export const LayerSchema = Type.Unsafe<LayerSpec>(
  Type.Union(
    layers.map(({ schema }) => schema),
    { title: 'Layer', description: 'A layer; it takes the output of the layer before it unless `inputs` names others' },
  ),
);

type CompleteOf<Schema> = Schema extends TObject ? Complete<Schema> : never;

/** A layer with every default filled in. */
export type CompleteLayer = CompleteOf<AnyLayer['schema']>;

/** A layer that was checked, with every default filled in. */
export const completeLayer = (spec: LayerSpec): CompleteLayer =>
  complete<TObject>(byType.get(spec.type)!.schema, spec) as CompleteLayer; // the schema is that of its type

/** What the table says of a layer, by its type, which is in it. */
export const layerOf = ({ type }: LayerSpec): LayerType<LayerSpec, ParameterName> => byType.get(type)!;

/**
 * Whether a value is a layer: a known type, known fields, all in range. Whether it fits its input is another matter.
 * What is wrong goes to `problems`.
 */
export function isLayer(value: unknown, pointer: string, problems: FieldProblem[]): value is LayerSpec {
  if (!isObject(value)) {
    problems.push({ pointer, detail: 'A layer must be an object with a type' });
    return false;
  }
  const layer = typeof value.type === 'string' ? byType.get(value.type) : undefined;
  if (layer === undefined) {
    problems.push({ pointer: child(pointer, 'type'), detail: `type must be one of ${layerTypes.join(', ')}` });
    return false;
  }
  const found = fieldProblemsOf(layer.schema, value);
  problems.push(...found.map((problem) => ({ ...problem, pointer: pointer + problem.pointer })));
  return found.length === 0;
}
