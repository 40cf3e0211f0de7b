/** Each of our layers as standard Keras layers, such as TensorFlow.js knows without us. */
import { ruleOf, type Padding } from '../layers/windows.js';
import type { ByType, ExportedLayer } from './exported.js';
import type { KerasGraph } from './keras-graph.js';

const nameOf = (index: number): string => `layer${index}`;
const inputsOf = (graph: KerasGraph, { inputs }: ExportedLayer<unknown>): string[] =>
  inputs.map((input) => graph.outputOf(input));

/** A layer that is one of Keras's: `config` and `weights` as Keras has them. */
function one(
  graph: KerasGraph,
  layer: ExportedLayer<unknown>,
  className: string,
  config: Record<string, unknown> = {},
  from = inputsOf(graph, layer),
): void {
  const name = nameOf(layer.index);
  graph.setOutput(layer.index, graph.add(className, name, from, config, layer.weights));
}

/** A layer that changes nothing where a trained model answers. */
function nothing(graph: KerasGraph, { index, inputs: [input] }: ExportedLayer<unknown>): void {
  graph.setOutput(index, graph.outputOf(input));
}

const pairs = (padding: Padding): number[][] =>
  typeof padding === 'number'
    ? [
        [padding, padding],
        [padding, padding],
      ]
    : [];

/** The input, with zeros around it where the padding is a number. */
function zeroPadded(graph: KerasGraph, layer: ExportedLayer<unknown>, padding: Padding): string[] {
  const from = inputsOf(graph, layer);
  if (typeof padding !== 'number' || padding === 0) return from;
  return [
    graph.add('ZeroPadding2D', `${nameOf(layer.index)}_padding`, from, {
      padding: pairs(padding),
      data_format: 'channels_last',
    }),
  ];
}

/**
 * The input, with its border repeated outwards where the padding is a number. Under the largest of a window that is as
 * good as PyTorch's lowest numbers: the padding is at most half a window, so each has the border itself in it too.
 * Keras has no layer that pads with anything but zeros.
 */
function borderPadded(graph: KerasGraph, layer: ExportedLayer<unknown>, padding: Padding): string[] {
  const from = inputsOf(graph, layer);
  if (typeof padding !== 'number' || padding === 0) return from;
  const [height, width] = layer.inputShape;
  const name = nameOf(layer.index);
  const around = (input: string, side: 'rows' | 'columns', length: number): string => {
    const edge = (which: 'first' | 'last') => {
      const cut = which === 'first' ? [0, length - 1] : [length - 1, 0];
      const cropping = side === 'rows' ? [cut, [0, 0]] : [[0, 0], cut];
      return graph.add('Cropping2D', `${name}_${which}_${side}`, [input], { cropping, data_format: 'channels_last' });
    };
    const [first, last] = [edge('first'), edge('last')].map((each) => Array<string>(padding).fill(each));
    const axis = side === 'rows' ? 1 : 2;
    return graph.add('Concatenate', `${name}_around_${side}`, [...first, input, ...last], { axis });
  };
  return [around(around(from[0], 'rows', height), 'columns', width)];
}

const pool = ({ size, stride = size, padding }: { size: number; stride?: number | undefined; padding: Padding }) => ({
  pool_size: [size, size],
  strides: [stride, stride],
  padding: ruleOf(padding),
  data_format: 'channels_last',
});

/** A new layer has a line here. */
export const kerasLayers: ByType<KerasGraph> = {
  dense: (graph, layer) =>
    one(graph, layer, 'Dense', { units: layer.spec.units, use_bias: layer.spec.use_bias, activation: 'linear' }),
  conv2d(graph, layer) {
    const { filters, kernel, stride, padding, use_bias } = layer.spec;
    const config = {
      filters,
      kernel_size: [kernel, kernel],
      strides: [stride, stride],
      padding: ruleOf(padding),
      data_format: 'channels_last',
      dilation_rate: [1, 1],
      use_bias,
      activation: 'linear',
    };
    one(graph, layer, 'Conv2D', config, zeroPadded(graph, layer, padding));
  },
  batch_norm: (graph, layer) =>
    one(graph, layer, 'BatchNormalization', {
      axis: -1,
      momentum: layer.spec.momentum,
      epsilon: layer.spec.eps,
      center: true,
      scale: true,
    }),
  relu: (graph, layer) => one(graph, layer, 'ReLU'),
  max_pool: (graph, layer) =>
    one(graph, layer, 'MaxPooling2D', pool(layer.spec), borderPadded(graph, layer, layer.spec.padding)),
  avg_pool: (graph, layer) =>
    one(graph, layer, 'AveragePooling2D', pool(layer.spec), zeroPadded(graph, layer, layer.spec.padding)),
  global_avg_pool: (graph, layer) => one(graph, layer, 'GlobalAveragePooling2D', { data_format: 'channels_last' }),
  flatten: (graph, layer) => (layer.inputShape.length === 1 ? nothing(graph, layer) : one(graph, layer, 'Flatten')),
  reshape: (graph, layer) => one(graph, layer, 'Reshape', { target_shape: layer.spec.shape }),
  dropout: (graph, layer) => one(graph, layer, 'Dropout', { rate: layer.spec.rate }),
  add: (graph, layer) => one(graph, layer, 'Add'),
};
