import type { FieldProblem } from '../../errors.js';
import { product } from '../../numbers/nested.js';
import {
  fieldProblems,
  flag,
  fraction,
  indexes,
  isObject,
  oneOf,
  padding,
  pointerTo,
  positiveInteger,
  positiveIntegers,
  positiveNumber,
  required,
  share,
  type Fields,
} from '../fields.js';
import { inits, type LayerSpec, type LayerType, type ParameterName, type ParameterSpec } from '../spec.js';

const init = oneOf(inits);
const pool: Fields = { size: required(positiveInteger), stride: positiveInteger, padding };

/** The fields of each layer type, `type` and `inputs` aside. */
const layerFields: Record<LayerType, Fields> = {
  dense: { units: required(positiveInteger), use_bias: flag, init },
  conv2d: {
    filters: required(positiveInteger),
    kernel: required(positiveInteger),
    stride: positiveInteger,
    padding,
    use_bias: flag,
    init,
  },
  batch_norm: { eps: positiveNumber, momentum: share, zero_gamma: flag },
  relu: {},
  max_pool: pool,
  avg_pool: pool,
  global_avg_pool: {},
  flatten: {},
  reshape: { shape: required(positiveIntegers) },
  dropout: { rate: required(fraction) },
  add: {},
};

export const layerTypes = Object.keys(layerFields);

const isLayerType = (type: unknown): type is LayerType => typeof type === 'string' && Object.hasOwn(layerFields, type);

/** Whether a value is a layer, known type, known fields, all in range; what is wrong goes to `problems`. Shapes are another matter. */
export function isLayer(value: unknown, pointer: string, problems: FieldProblem[]): value is LayerSpec {
  if (!isObject(value)) {
    problems.push({ pointer, detail: 'A layer must be an object with a type' });
    return false;
  }
  if (!isLayerType(value.type)) {
    problems.push({ pointer: pointerTo(pointer, 'type'), detail: `type must be one of ${layerTypes.join(', ')}` });
    return false;
  }
  const found = fieldProblems(value.type, value, layerFields[value.type], pointer, ['type', 'inputs']);
  if (value.inputs !== undefined && !indexes.is(value.inputs)) {
    found.push({
      pointer: pointerTo(pointer, 'inputs'),
      detail: 'inputs must be a list of indexes of earlier layers, or -1 for the input of the model',
    });
  }
  problems.push(...found);
  return found.length === 0;
}

/** A layer that does not fit its input: `field` is the one to change, or '' for the layer as a whole. */
export class ShapeError extends Error {
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

export const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
const sameShape = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/** The padding of a side of length `n`, [before, after]: TensorFlow's rule for 'same', the bigger half after. */
export function sidePadding(
  n: number,
  window: number,
  stride: number,
  padding: 'same' | 'valid' | number,
): [number, number] {
  if (typeof padding === 'number') return [padding, padding];
  if (padding === 'valid') return [0, 0];
  const total = Math.max((Math.ceil(n / stride) - 1) * stride + window - n, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

function windowed(
  shape: number[],
  field: string,
  window: number,
  stride: number,
  padding: 'same' | 'valid' | number,
): [number, number] {
  const side = (n: number) => {
    const [before, after] = sidePadding(n, window, stride, padding);
    return Math.floor((n + before + after - window) / stride) + 1;
  };
  const [height, width] = [side(shape[0]), side(shape[1])];
  if (height < 1 || width < 1)
    throw new ShapeError(field, `${field} ${window} is larger than the padded input ${shapeText(shape)}`);
  return [height, width];
}

function image(type: string, shape: number[]): number[] {
  if (shape.length !== 3) throw new ShapeError('', `${type} takes [height, width, channels], not ${shapeText(shape)}`);
  return shape;
}

/** The shape of a layer's output, without the batch, by TensorFlow's rules. Throws ShapeError where the inputs don't fit. */
export function outputShape(layer: LayerSpec, inputs: number[][]): number[] {
  if (layer.type === 'add') return addShape(inputs);
  const shape = inputs[0];
  if (inputs.length !== 1) throw new ShapeError('inputs', `${layer.type} takes one input, not ${inputs.length}`);
  switch (layer.type) {
    case 'dense':
      if (shape.length !== 1) throw new ShapeError('', `dense takes [n], not ${shapeText(shape)}: flatten first`);
      return [layer.units];
    case 'conv2d':
      return [
        ...windowed(image('conv2d', shape), 'kernel', layer.kernel, layer.stride ?? 1, layer.padding ?? 'valid'),
        layer.filters,
      ];
    case 'max_pool':
    case 'avg_pool':
      if (typeof layer.padding === 'number' && layer.padding > layer.size / 2)
        throw new ShapeError('padding', `padding of ${layer.type} must be at most half its size`);
      return [
        ...windowed(image(layer.type, shape), 'size', layer.size, layer.stride ?? layer.size, layer.padding ?? 'valid'),
        shape[2],
      ];
    case 'global_avg_pool':
      return [image('global_avg_pool', shape)[2]];
    case 'flatten':
      return [product(shape)];
    case 'reshape':
      if (product(layer.shape) !== product(shape))
        throw new ShapeError('shape', `${shapeText(shape)} cannot become ${shapeText(layer.shape)}`);
      return [...layer.shape];
    case 'batch_norm':
    case 'relu':
    case 'dropout':
      return shape;
  }
}

function addShape(inputs: number[][]): number[] {
  if (inputs.length < 2) throw new ShapeError('inputs', 'add takes two inputs or more');
  const [first, ...others] = inputs;
  const other = others.find((shape) => !sameShape(shape, first));
  if (other)
    throw new ShapeError('inputs', `add takes inputs of one shape, not ${shapeText(first)} and ${shapeText(other)}`);
  return first;
}

const kinds: Record<ParameterName, ParameterSpec['kind']> = {
  kernel: 'weight',
  bias: 'bias',
  gamma: 'norm',
  beta: 'norm',
  moving_mean: 'statistic',
  moving_variance: 'statistic',
};

/** The parameters of layer `index`, given the shape of its input. */
export function layerParameters(layer: LayerSpec, index: number, input: number[]): ParameterSpec[] {
  const parameter = (name: ParameterName, shape: number[]): ParameterSpec => ({
    layer: index,
    name,
    shape,
    kind: kinds[name],
  });
  const channels = input.at(-1)!;
  const withBias = (kernel: number[]) => {
    const bias = 'use_bias' in layer && layer.use_bias === false ? [] : [parameter('bias', [kernel.at(-1)!])];
    return [parameter('kernel', kernel), ...bias];
  };
  switch (layer.type) {
    case 'dense':
      return withBias([channels, layer.units]);
    case 'conv2d':
      return withBias([layer.kernel, layer.kernel, channels, layer.filters]);
    case 'batch_norm':
      return (['gamma', 'beta', 'moving_mean', 'moving_variance'] as const).map((name) => parameter(name, [channels]));
    default:
      return [];
  }
}
