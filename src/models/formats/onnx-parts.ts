/** What some of our layers are in ONNX's operators. Images are channels first between them. */
import { permuted } from '../take.js';
import type { CompleteLayer } from '../layers/index.js';
import { sidePadding, type Padding } from '../layers/windows.js';
import type { ExportedLayer, ExportedWeight } from './exported.js';
import type { Attributes, OnnxGraph } from './onnx-graph.js';

/** What goes into one of our layers. */
export const inputsOf = (graph: OnnxGraph, { inputs }: ExportedLayer): string[] =>
  inputs.map((input) => graph.outputOf(input));

/** One of our layers is one operator. */
export function one(
  graph: OnnxGraph,
  layer: ExportedLayer,
  op: string,
  attributes: Attributes = {},
  inputs = inputsOf(graph, layer),
): void {
  graph.setOutput(layer.index, graph.add(op, layer.name, inputs, attributes));
}

/** One of our layers changes nothing where a trained model answers. */
export const nothing = (graph: OnnxGraph, { index, inputs: [input] }: ExportedLayer): void =>
  graph.setOutput(index, graph.outputOf(input));

/** A step on the way to a layer's output. */
export const step = (
  graph: OnnxGraph,
  layer: ExportedLayer,
  op: string,
  name: string,
  inputs: readonly string[],
  attributes: Attributes = {},
): string => graph.add(op, `${layer.name}/${name}`, inputs, attributes);

/** A number that a layer computes with. */
export const scalar = (graph: OnnxGraph, layer: ExportedLayer, name: string, value: number): string =>
  graph.tensor(`${layer.name}/${name}`, [], Float32Array.of(value));

/** A tensor of a layer, under its name. */
export const tensor = (
  graph: OnnxGraph,
  layer: ExportedLayer,
  name: string,
  { shape, data }: ExportedWeight = layer.weights[name as keyof typeof layer.weights]!,
): string => graph.tensor(`${layer.name}.${name}`, shape, data);

/** Whether rows of a shape are images. */
export const isImage = (shape: readonly number[]): boolean => shape.length === 3;

/** The axis of a layer's input that is the last of ours. */
export const lastAxis = ({ inputShape }: ExportedLayer): number => (isImage(inputShape) ? 1 : -1);

/** Rows as we have them, from what is channels first where it is an image. */
export const channelsLast = (graph: OnnxGraph, value: string, shape: readonly number[], name: string): string =>
  isImage(shape) ? graph.add('Transpose', name, [value], { perm: [0, 2, 3, 1] }) : value;

/** The other way round. */
export const channelsFirst = (graph: OnnxGraph, value: string, shape: readonly number[], name: string): string =>
  isImage(shape) ? graph.add('Transpose', name, [value], { perm: [0, 3, 1, 2] }) : value;

/** One of our layers takes rows as we have them, and gives such: `compute` gets them, and says what comes of them. */
export function asOurs(graph: OnnxGraph, layer: ExportedLayer, compute: (rows: string) => string): void {
  const { index, name, inputShape, outputShape } = layer;
  const output = compute(channelsLast(graph, inputsOf(graph, layer)[0], inputShape, `${name}/channels_last`));
  graph.setOutput(index, channelsFirst(graph, output, outputShape, `${name}/channels_first`));
}

/** Where a window slides over an image: `pads` as ONNX has them, top, left, bottom, right. */
export function windows(
  [height, width]: readonly number[],
  { window, stride = window, padding }: { window: number; stride?: number | undefined; padding: Padding },
): Attributes {
  const [top, bottom] = sidePadding(height, window, stride, padding);
  const [left, right] = sidePadding(width, window, stride, padding);
  return { kernel_shape: [window, window], strides: [stride, stride], pads: [top, left, bottom, right] };
}

/** [height, width, in, out] → [out, in, height, width]. */
export function convKernel({ shape: [height, width, input, output], data }: ExportedWeight): ExportedWeight {
  const shape = [output, input, height, width];
  return { shape, data: permuted(data, [height, width, input, output], [3, 2, 0, 1]) };
}

/** [height, width, channels, multiplier] → [channels · multiplier, 1, height, width], a channel's own side by side. */
export function depthwiseKernel({
  shape: [height, width, channels, multiplier],
  data,
}: ExportedWeight): ExportedWeight {
  const flat = { shape: [height, width, 1, channels * multiplier], data };
  return convKernel(flat);
}

/** A bias, where a layer has one. */
export const biasOf = (graph: OnnxGraph, layer: ExportedLayer): string[] =>
  layer.weights.bias ? [tensor(graph, layer, 'bias')] : [];

/** Each group of channels is one channel of an instance norm; then each channel has its own scale and offset. */
export function groupNorm(
  graph: OnnxGraph,
  layer: ExportedLayer<Extract<CompleteLayer, { type: 'group_norm' }>>,
): void {
  const [height, width, channels] = layer.inputShape;
  const { groups, eps } = layer.spec;
  const [input] = inputsOf(graph, layer);
  const grouped = graph.integers(`${layer.name}/grouped.shape`, [0, groups, -1]);
  const image = graph.integers(`${layer.name}/image.shape`, [0, channels, height, width]);
  const ones = graph.tensor(`${layer.name}/ones`, [groups], new Float32Array(groups).fill(1));
  const zeros = graph.tensor(`${layer.name}/zeros`, [groups], new Float32Array(groups));
  const split = step(graph, layer, 'Reshape', 'grouped', [input, grouped]);
  const normal = step(graph, layer, 'InstanceNormalization', 'normal', [split, ones, zeros], {
    epsilon: { float: eps },
  });
  const whole = step(graph, layer, 'Reshape', 'image', [normal, image]);
  const perChannel = (name: 'gamma' | 'beta') =>
    tensor(graph, layer, name, { shape: [channels, 1, 1], data: layer.weights[name]!.data });
  const scaled = step(graph, layer, 'Mul', 'scaled', [whole, perChannel('gamma')]);
  one(graph, layer, 'Add', {}, [scaled, perChannel('beta')]);
}
