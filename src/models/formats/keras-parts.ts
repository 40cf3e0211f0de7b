/** What some of our layers are in Keras's, where one of Keras's own does not say it. */
import type { CompleteLayer } from '../layers/index.js';
import { ruleOf, type Padding } from '../layers/windows.js';
import type { ExportedLayer, ExportedWeight } from './exported.js';
import type { KerasGraph } from './keras-graph.js';

type Config = Record<string, unknown>;
type Weights = Readonly<Record<string, ExportedWeight | undefined>>;

/** The names of the Keras layers whose outputs go into one of ours. */
export const inputsOf = (graph: KerasGraph, { inputs }: ExportedLayer): string[] =>
  inputs.map((input) => graph.outputOf(input));

/** One of our layers is one of Keras's, by its class and configuration; its weights have Keras's names. */
export function one(
  graph: KerasGraph,
  layer: ExportedLayer,
  className: string,
  config: Config = {},
  { from = inputsOf(graph, layer), weights = layer.weights }: { from?: string[]; weights?: Weights } = {},
): void {
  graph.setOutput(layer.index, graph.add(className, layer.name, from, config, weights));
}

/** One of our layers changes nothing where a trained model answers. */
export function nothing(graph: KerasGraph, { index, inputs: [input] }: ExportedLayer): void {
  graph.setOutput(index, graph.outputOf(input));
}

/** Images are as we have them. */
export const channelsLast = { data_format: 'channels_last' };

/** The input, with zeros around it where the padding is a number. */
export function zeroPadded(graph: KerasGraph, layer: ExportedLayer, padding: Padding): string[] {
  const from = inputsOf(graph, layer);
  if (typeof padding !== 'number' || padding === 0) return from;
  const side = [padding, padding];
  return [graph.add('ZeroPadding2D', `${layer.name}/padding`, from, { padding: [side, side], ...channelsLast })];
}

/**
 * The input, with its border repeated outwards where the padding is a number. Under the largest of a window that is as
 * good as PyTorch's lowest numbers: the padding is at most half a window, so each has the border itself in it too.
 * Keras has no layer that pads with anything but zeros.
 */
export function borderPadded(graph: KerasGraph, layer: ExportedLayer, padding: Padding): string[] {
  const from = inputsOf(graph, layer);
  if (typeof padding !== 'number' || padding === 0) return from;
  const [height, width] = layer.inputShape;
  const around = (input: string, side: 'rows' | 'columns', length: number): string => {
    const edge = (which: 'first' | 'last') => {
      const cut = which === 'first' ? [0, length - 1] : [length - 1, 0];
      const cropping = side === 'rows' ? [cut, [0, 0]] : [[0, 0], cut];
      return graph.add('Cropping2D', `${layer.name}/${which}_${side}`, [input], { cropping, ...channelsLast });
    };
    const [first, last] = [edge('first'), edge('last')].map((each) => Array<string>(padding).fill(each));
    const axis = side === 'rows' ? 1 : 2;
    return graph.add('Concatenate', `${layer.name}/around_${side}`, [...first, input, ...last], { axis });
  };
  return [around(around(from[0], 'rows', height), 'columns', width)];
}

/** The configuration of a pool. */
export const pool = ({
  size,
  stride = size,
  padding,
}: {
  size: number;
  stride?: number | undefined;
  padding: Padding;
}): Config => ({ pool_size: [size, size], strides: [stride, stride], padding: ruleOf(padding), ...channelsLast });

/** The configuration of a convolution. */
export const convolution = ({
  kernel,
  stride,
  padding,
  use_bias,
}: {
  kernel: number;
  stride: number;
  padding: Padding;
  use_bias: boolean;
}): Config => ({
  kernel_size: [kernel, kernel],
  strides: [stride, stride],
  padding: ruleOf(padding),
  dilation_rate: [1, 1],
  use_bias,
  activation: 'linear',
  ...channelsLast,
});

/** Some of the numbers of a row [n]: Keras crops nothing but images. */
export function columns(graph: KerasGraph, layer: ExportedLayer<Extract<CompleteLayer, { type: 'columns' }>>): void {
  const [length] = layer.inputShape;
  const { from, count } = layer.spec;
  const image = graph.add('Reshape', `${layer.name}/image`, inputsOf(graph, layer), { target_shape: [length, 1, 1] });
  const cropping = [
    [from, length - from - count],
    [0, 0],
  ];
  const cropped = graph.add('Cropping2D', `${layer.name}/cropped`, [image], { cropping, ...channelsLast });
  one(graph, layer, 'Reshape', { target_shape: [count] }, { from: [cropped] });
}

/**
 * Groups are put side by side on the last axis, where layer norm works, and back; then a batch norm that knows mean 0
 * and variance 1 scales each channel.
 */
export function groupNorm(
  graph: KerasGraph,
  layer: ExportedLayer<Extract<CompleteLayer, { type: 'group_norm' }>>,
): void {
  const [height, width, channels] = layer.inputShape;
  const { groups, eps } = layer.spec;
  const [area, members] = [height * width, channels / groups];
  const step = (className: string, name: string, from: string, config: Config): string =>
    graph.add(className, `${layer.name}/${name}`, [from], config);
  const [input] = inputsOf(graph, layer);
  const split = step('Reshape', 'split', input, { target_shape: [area, groups, members] });
  const apart = step('Permute', 'apart', split, { dims: [2, 1, 3] });
  const flat = step('Reshape', 'flat', apart, { target_shape: [groups, area * members] });
  const norm = { axis: [-1], epsilon: eps, center: false, scale: false };
  const normal = step('LayerNormalization', 'normal', flat, norm);
  const groupwise = step('Reshape', 'groupwise', normal, { target_shape: [groups, area, members] });
  const together = step('Permute', 'together', groupwise, { dims: [2, 1, 3] });
  const image = step('Reshape', 'image', together, { target_shape: layer.inputShape });
  const shape = [channels];
  const weights = {
    ...layer.weights,
    moving_mean: { shape, data: new Float32Array(channels) },
    moving_variance: { shape, data: new Float32Array(channels).fill(1) },
  };
  const affine = { axis: -1, epsilon: 0, momentum: 0.9, center: true, scale: true };
  one(graph, layer, 'BatchNormalization', affine, { from: [image], weights });
}
