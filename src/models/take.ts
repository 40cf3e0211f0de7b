/** Which of some named tensors go into a model: its own names and shapes, PyTorch's, or fastai's. */
import { rowStrides, strided } from './formats/tensor-source.js';
import { OnecycleError } from '../errors.js';
import { shapeText, sameShape } from './layers/shapes.js';
import type { Tensor } from './safetensors.js';
import type { ModelPlan, ParameterSpec } from './spec.js';
import { tensorName } from './weights.js';

/** A tensor as far as names and shapes go. */
export interface NamedShape {
  name: string;
  shape: readonly number[];
}

/** A parameter, the tensor that goes into it, and how its values get into our order. */
export interface Match {
  parameter: ParameterSpec;
  tensor: string;
  convert: (values: Float32Array) => Float32Array;
}

/** What becomes of a model's parameters. */
export interface Taken {
  matches: Match[];
  /** Of the head: they are drawn anew. */
  drawn: ParameterSpec[];
  /** Of the body, which must be whole: what is missing, and what is there in its place. */
  missing: string[];
}

/**
 * Matches a model's parameters with tensors by name and shape. The head may be another: the last parameter group, or,
 * where there is one group, the last layer with parameters.
 */
export function takeTensors(plan: ModelPlan, tensors: readonly NamedShape[]): Taken {
  const known = new Map(tensors.map(({ name, shape }) => [name, shape]));
  const head = headLayers(plan);
  const taken: Taken = { matches: [], drawn: [], missing: [] };
  for (const parameter of plan.parameters) {
    const match = matchOf(plan, parameter, known);
    if (typeof match !== 'string') taken.matches.push(match);
    else if (head.has(parameter.layer)) taken.drawn.push(parameter);
    else taken.missing.push(`${tensorName(parameter)} ${shapeText(parameter.shape)}: ${match}`);
  }
  return taken;
}

/** The layers that may be drawn anew where all others have weights. */
export function headLayers({ param_groups, parameters }: ModelPlan): ReadonlySet<number> {
  return new Set(param_groups.length > 1 ? param_groups.at(-1) : [parameters.at(-1)!.layer]);
}

/**
 * The values of a model, in the order of `plan.parameters`, with those that go into it from named tensors; the head's
 * others stay as they are in `weights`.
 * @throws OnecycleError `bad_data` where the tensors lack a part of the body
 */
export function takeFrom(
  plan: ModelPlan,
  weights: readonly Float32Array[],
  tensors: ReadonlyMap<string, Tensor>,
): Float32Array[] {
  const floats = [...tensors].filter(([, { data }]) => data instanceof Float32Array);
  const { matches, missing } = takeTensors(
    plan,
    floats.map(([name, { shape }]) => ({ name, shape })),
  );
  if (missing.length > 0)
    throw new OnecycleError('bad_data', `The weights are missing ${missing.slice(0, 5).join('; ')}`);
  const byParameter = new Map(matches.map((match) => [match.parameter, match]));
  return weights.map((value, i) => {
    const match = byParameter.get(plan.parameters[i]);
    const data = match && tensors.get(match.tensor)?.data;
    return match && data instanceof Float32Array ? match.convert(data) : value;
  });
}

/** The match of a parameter, or what is there instead. */
function matchOf(
  plan: ModelPlan,
  parameter: ParameterSpec,
  known: ReadonlyMap<string, readonly number[]>,
): Match | string {
  const { layer_name, shape } = parameter;
  const own = known.get(tensorName(parameter));
  if (own && sameShape(own, shape)) return { parameter, tensor: tensorName(parameter), convert: (values) => values };
  const names = [layer_name, fastaiName(layer_name)].map((layer) => `${layer}.${torchParameter[parameter.name]}`);
  const found = names.find((name) => known.has(name));
  if (found === undefined) return own ? `there it is ${shapeText(own)}` : `there is no ${names[0]}`;
  const there = known.get(found)!;
  const converter = converterOf(plan, parameter, there);
  return converter ? { parameter, tensor: found, convert: converter } : `${found} is ${shapeText(there)}`;
}

/** What PyTorch's modules call the parameters of the same layers. */
const torchParameter: Partial<Record<string, string>> = {
  kernel: 'weight',
  bias: 'bias',
  gamma: 'weight',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
};

/**
 * The name of a layer of `vision` in a model that fastai saved: its body is part 0 of an nn.Sequential, its head part 1,
 * and a ResNet's parts have numbers.
 */
function fastaiName(layer: string): string {
  if (layer.startsWith('head.')) return layer.replace('head', '1');
  const parts = layer
    .replace(/^conv1$/, '0')
    .replace(/^bn1$/, '1')
    .replace(/^layer(\d)/, (_, n) => String(Number(n) + 3));
  return `0.${parts}`;
}

/** How PyTorch's tensor of a shape becomes the parameter; undefined where it does not fit. */
function converterOf(
  plan: ModelPlan,
  { name, shape, layer }: ParameterSpec,
  there: readonly number[],
): Match['convert'] | undefined {
  if (name !== 'kernel') return sameShape(there, shape) ? (values) => values : undefined;
  if (shape.length === 2)
    return sameShape(there, [shape[1], shape[0]])
      ? (values) => permuted(values, [shape[1], shape[0]], [1, 0])
      : undefined;
  const [height, width, inputs, outputs] = shape;
  if (plan.layers[layer].type === 'depthwise_conv2d')
    return sameShape(there, [inputs * outputs, 1, height, width])
      ? (values) => permuted(values, [inputs, outputs, height, width], [2, 3, 0, 1])
      : undefined;
  const toOurs = (values: Float32Array) => permuted(values, [outputs, inputs, height, width], [2, 3, 1, 0]);
  if (sameShape(there, [outputs, inputs, height, width])) return toOurs;
  // fastai's `_load_pretrained_weights`: pictures of other channels than the weights were made for.
  const first = plan.parameters.find((parameter) => parameter.name === 'kernel')?.layer === layer;
  return first && sameShape(there, [outputs, 3, height, width])
    ? (values) => toOurs(otherChannels(values, inputs, height * width))
    : undefined;
}

/** One channel: the sum of the three. Two: the first two, half as large again. More: those, and zeros. */
function otherChannels(values: Float32Array, channels: number, pixels: number): Float32Array {
  const filters = values.length / (3 * pixels);
  const out = new Float32Array(filters * channels * pixels);
  for (let filter = 0; filter < filters; filter++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      const from = (channel: number) => values[(filter * 3 + channel) * pixels + pixel];
      const to = (channel: number) => (filter * channels + channel) * pixels + pixel;
      if (channels === 1) out[to(0)] = from(0) + from(1) + from(2);
      else
        for (let channel = 0; channel < Math.min(channels, 3); channel++)
          out[to(channel)] = from(channel) * (channels === 2 ? 1.5 : 1);
    }
  }
  return out;
}

/** A tensor with its axes in another order: axis `i` of the result is axis `order[i]` of what goes in. */
export function permuted(values: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = rowStrides(shape);
  const layout = { shape: order.map((axis) => shape[axis]), strides: order.map((axis) => strides[axis]), offset: 0 };
  return strided((at) => values[at], layout);
}
