/** Each of our layers as operators of ONNX. Images are channels first between them. */
import { sidePadding, type Padding } from '../layers/windows.js';
import type { ByType, ExportedLayer, ExportedWeight } from './exported.js';
import type { OnnxGraph } from './onnx-graph.js';

const nameOf = (index: number): string => `layer${index}`;
const inputsOf = (graph: OnnxGraph, { inputs }: ExportedLayer<unknown>): string[] =>
  inputs.map((input) => graph.outputOf(input));

const isImage = (shape: readonly number[]): boolean => shape.length === 3;

/** Rows as we have them, from what is channels first where it is an image. */
export const channelsLast = (graph: OnnxGraph, value: string, shape: readonly number[], name: string): string =>
  isImage(shape) ? graph.add('Transpose', name, [value], { perm: [0, 2, 3, 1] }) : value;

/** The other way round. */
export const channelsFirst = (graph: OnnxGraph, value: string, shape: readonly number[], name: string): string =>
  isImage(shape) ? graph.add('Transpose', name, [value], { perm: [0, 3, 1, 2] }) : value;

/** A tensor of a layer, under its name. */
const tensor = (
  graph: OnnxGraph,
  layer: ExportedLayer<unknown>,
  name: string,
  { shape, data }: ExportedWeight,
): string => graph.tensor(`${nameOf(layer.index)}.${name}`, shape, data);

/** Where a window slides over an image: `pads` as ONNX has them, top, left, bottom, right. */
function windows(
  [height, width]: readonly number[],
  { window, stride, padding }: { window: number; stride: number; padding: Padding },
) {
  const [top, bottom] = sidePadding(height, window, stride, padding);
  const [left, right] = sidePadding(width, window, stride, padding);
  return { kernel_shape: [window, window], strides: [stride, stride], pads: [top, left, bottom, right] };
}

/** [height, width, in, out] → [out, in, height, width]. */
function kernelOfConv({ shape: [height, width, input, output], data }: ExportedWeight): ExportedWeight {
  const turned = new Float32Array(data.length);
  const area = height * width;
  for (let at = 0; at < area; at++)
    for (let i = 0; i < input; i++)
      for (let o = 0; o < output; o++) turned[(o * input + i) * area + at] = data[(at * input + i) * output + o];
  return { shape: [output, input, height, width], data: turned };
}

/** A layer that changes nothing where a trained model answers. */
const nothing = (graph: OnnxGraph, { index, inputs: [input] }: ExportedLayer<unknown>): void =>
  graph.setOutput(index, graph.outputOf(input));

/** A new layer has a line here. */
export const onnxLayers: ByType<OnnxGraph> = {
  dense(graph, layer) {
    const { kernel, bias } = layer.weights;
    const inputs = [...inputsOf(graph, layer), tensor(graph, layer, 'kernel', kernel!)];
    if (bias) inputs.push(tensor(graph, layer, 'bias', bias));
    graph.setOutput(layer.index, graph.add('Gemm', nameOf(layer.index), inputs));
  },
  conv2d(graph, layer) {
    const { kernel: window, stride, padding } = layer.spec;
    const { kernel, bias } = layer.weights;
    const inputs = [...inputsOf(graph, layer), tensor(graph, layer, 'kernel', kernelOfConv(kernel!))];
    if (bias) inputs.push(tensor(graph, layer, 'bias', bias));
    const attributes = windows(layer.inputShape, { window, stride, padding });
    graph.setOutput(layer.index, graph.add('Conv', nameOf(layer.index), inputs, attributes));
  },
  batch_norm(graph, layer) {
    const { gamma, beta, moving_mean, moving_variance } = layer.weights;
    const inputs = [
      ...inputsOf(graph, layer),
      tensor(graph, layer, 'gamma', gamma!),
      tensor(graph, layer, 'beta', beta!),
      tensor(graph, layer, 'moving_mean', moving_mean!),
      tensor(graph, layer, 'moving_variance', moving_variance!),
    ];
    const attributes = { epsilon: { float: layer.spec.eps } };
    graph.setOutput(layer.index, graph.add('BatchNormalization', nameOf(layer.index), inputs, attributes));
  },
  relu: (graph, layer) => graph.setOutput(layer.index, graph.add('Relu', nameOf(layer.index), inputsOf(graph, layer))),
  max_pool(graph, layer) {
    const { size: window, stride = window, padding } = layer.spec;
    const attributes = windows(layer.inputShape, { window, stride, padding });
    graph.setOutput(layer.index, graph.add('MaxPool', nameOf(layer.index), inputsOf(graph, layer), attributes));
  },
  avg_pool(graph, layer) {
    const { size: window, stride = window, padding } = layer.spec;
    const attributes = {
      ...windows(layer.inputShape, { window, stride, padding }),
      // Zeros count that were asked for by their number, as in PyTorch; those of 'same' do not, as in TensorFlow.
      count_include_pad: typeof padding === 'number' ? 1 : 0,
    };
    graph.setOutput(layer.index, graph.add('AveragePool', nameOf(layer.index), inputsOf(graph, layer), attributes));
  },
  global_avg_pool(graph, layer) {
    const attributes = { axes: [2, 3], keepdims: 0 };
    graph.setOutput(layer.index, graph.add('ReduceMean', nameOf(layer.index), inputsOf(graph, layer), attributes));
  },
  flatten(graph, layer) {
    const name = nameOf(layer.index);
    const rows = channelsLast(graph, inputsOf(graph, layer)[0], layer.inputShape, `${name}_channels_last`);
    graph.setOutput(layer.index, graph.add('Flatten', name, [rows], { axis: 1 }));
  },
  reshape(graph, layer) {
    const name = nameOf(layer.index);
    const rows = channelsLast(graph, inputsOf(graph, layer)[0], layer.inputShape, `${name}_channels_last`);
    const shape = graph.integers(`${name}.shape`, [0, ...layer.outputShape]);
    const reshaped = graph.add('Reshape', name, [rows, shape]);
    graph.setOutput(layer.index, channelsFirst(graph, reshaped, layer.outputShape, `${name}_channels_first`));
  },
  dropout: nothing,
  add: (graph, layer) => graph.setOutput(layer.index, graph.add('Sum', nameOf(layer.index), inputsOf(graph, layer))),
};
