/** Each of our layers as standard Keras layers, such as TensorFlow.js knows without us. */
import { sides } from '../layers/zero-padding2d.js';
import type { ByType } from './exported.js';
import { activation } from './keras-activations.js';
import type { KerasGraph } from './keras-graph.js';
import {
  borderPadded,
  channelsLast,
  columns,
  convolution,
  groupNorm,
  inputsOf,
  nothing,
  one,
  pool,
  zeroPadded,
} from './keras-parts.js';

/** A new layer has an entry here. */
export const kerasLayers: ByType<KerasGraph> = {
  dense: (graph, layer) =>
    one(graph, layer, 'Dense', { units: layer.spec.units, use_bias: layer.spec.use_bias, activation: 'linear' }),
  conv2d(graph, layer) {
    const config = { ...convolution(layer.spec), filters: layer.spec.filters };
    one(graph, layer, 'Conv2D', config, { from: zeroPadded(graph, layer, layer.spec.padding) });
  },
  depthwise_conv2d(graph, layer) {
    const config = { ...convolution(layer.spec), depth_multiplier: layer.spec.multiplier };
    const { kernel: depthwise_kernel, bias } = layer.weights;
    const from = zeroPadded(graph, layer, layer.spec.padding);
    one(graph, layer, 'DepthwiseConv2D', config, { from, weights: { depthwise_kernel, bias } });
  },
  separable_conv2d(graph, layer) {
    const { filters, multiplier } = layer.spec;
    const config = { ...convolution(layer.spec), filters, depth_multiplier: multiplier };
    one(graph, layer, 'SeparableConv2D', config, { from: zeroPadded(graph, layer, layer.spec.padding) });
  },
  batch_norm: (graph, layer) =>
    one(graph, layer, 'BatchNormalization', {
      axis: -1,
      momentum: layer.spec.momentum,
      epsilon: layer.spec.eps,
      center: true,
      scale: true,
    }),
  layer_norm: (graph, layer) =>
    one(graph, layer, 'LayerNormalization', { axis: [-1], epsilon: layer.spec.eps, center: true, scale: true }),
  group_norm: groupNorm,
  relu: (graph, layer) => one(graph, layer, 'ReLU'),
  activation: (graph, layer) => activation(graph, layer, layer.spec.function, layer.spec.alpha ?? 0.01),
  sigmoid_range(graph, layer) {
    const { low, high } = layer.spec;
    const between = { activation: 'sigmoid' };
    const from = [graph.add('Activation', `${layer.name}/sigmoid`, inputsOf(graph, layer), between)];
    one(graph, layer, 'Rescaling', { scale: high - low, offset: low }, { from });
  },
  max_pool: (graph, layer) =>
    one(graph, layer, 'MaxPooling2D', pool(layer.spec), { from: borderPadded(graph, layer, layer.spec.padding) }),
  avg_pool: (graph, layer) =>
    one(graph, layer, 'AveragePooling2D', pool(layer.spec), { from: zeroPadded(graph, layer, layer.spec.padding) }),
  global_avg_pool: (graph, layer) => one(graph, layer, 'GlobalAveragePooling2D', channelsLast),
  global_max_pool: (graph, layer) => one(graph, layer, 'GlobalMaxPooling2D', channelsLast),
  adaptive_concat_pool(graph, layer) {
    const pooled = (which: 'Max' | 'Average') =>
      graph.add(`Global${which}Pooling2D`, `${layer.name}/${which}`, inputsOf(graph, layer), channelsLast);
    one(graph, layer, 'Concatenate', { axis: -1 }, { from: [pooled('Max'), pooled('Average')] });
  },
  flatten: (graph, layer) => (layer.inputShape.length === 1 ? nothing(graph, layer) : one(graph, layer, 'Flatten')),
  reshape: (graph, layer) => one(graph, layer, 'Reshape', { target_shape: layer.spec.shape }),
  zero_padding2d(graph, layer) {
    const [top, bottom, left, right] = sides(layer.spec.padding);
    const padding = [
      [top, bottom],
      [left, right],
    ];
    one(graph, layer, 'ZeroPadding2D', { padding, ...channelsLast });
  },
  upsampling2d: (graph, layer) =>
    one(graph, layer, 'UpSampling2D', {
      size: [layer.spec.size, layer.spec.size],
      interpolation: 'nearest',
      ...channelsLast,
    }),
  dropout: (graph, layer) => one(graph, layer, 'Dropout', { rate: layer.spec.rate }),
  add: (graph, layer) => one(graph, layer, 'Add'),
  multiply: (graph, layer) => one(graph, layer, 'Multiply'),
  concatenate: (graph, layer) => one(graph, layer, 'Concatenate', { axis: -1 }),
  columns,
  embedding: (graph, layer) =>
    one(graph, layer, 'Embedding', { input_dim: layer.spec.input_dim, output_dim: layer.spec.output_dim }),
};
