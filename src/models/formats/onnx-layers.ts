/** Each of our layers as operators of ONNX. Images are channels first between them. */
import { sides } from '../layers/zero-padding2d.js';
import type { ByType } from './exported.js';
import { activation } from './onnx-activations.js';
import type { OnnxGraph } from './onnx-graph.js';
import { dataTypes } from './onnx-schema.js';
import {
  asOurs,
  biasOf,
  convKernel,
  depthwiseKernel,
  groupNorm,
  inputsOf,
  lastAxis,
  nothing,
  one,
  scalar,
  step,
  tensor,
  windows,
} from './onnx-parts.js';

/** Over the pixels of an image, which are gone after it. */
const overPixels = { axes: [2, 3], keepdims: 0 };

/** A new layer has an entry here. */
export const onnxLayers: ByType<OnnxGraph> = {
  dense: (graph, layer) =>
    one(graph, layer, 'Gemm', {}, [...inputsOf(graph, layer), tensor(graph, layer, 'kernel'), ...biasOf(graph, layer)]),
  conv2d(graph, layer) {
    const { kernel: window, stride, padding } = layer.spec;
    const kernel = tensor(graph, layer, 'kernel', convKernel(layer.weights.kernel!));
    const inputs = [...inputsOf(graph, layer), kernel, ...biasOf(graph, layer)];
    one(graph, layer, 'Conv', windows(layer.inputShape, { window, stride, padding }), inputs);
  },
  depthwise_conv2d(graph, layer) {
    const { kernel: window, stride, padding } = layer.spec;
    const kernel = tensor(graph, layer, 'kernel', depthwiseKernel(layer.weights.kernel!));
    const inputs = [...inputsOf(graph, layer), kernel, ...biasOf(graph, layer)];
    const attributes = { ...windows(layer.inputShape, { window, stride, padding }), group: layer.inputShape[2] };
    one(graph, layer, 'Conv', attributes, inputs);
  },
  separable_conv2d(graph, layer) {
    const { kernel: window, stride, padding } = layer.spec;
    const { depthwise_kernel, pointwise_kernel } = layer.weights;
    const depthwise = tensor(graph, layer, 'depthwise_kernel', depthwiseKernel(depthwise_kernel!));
    const attributes = { ...windows(layer.inputShape, { window, stride, padding }), group: layer.inputShape[2] };
    const between = step(graph, layer, 'Conv', 'depthwise', [...inputsOf(graph, layer), depthwise], attributes);
    const pointwise = tensor(graph, layer, 'pointwise_kernel', convKernel(pointwise_kernel!));
    one(graph, layer, 'Conv', { kernel_shape: [1, 1] }, [between, pointwise, ...biasOf(graph, layer)]);
  },
  batch_norm: (graph, layer) =>
    one(graph, layer, 'BatchNormalization', { epsilon: { float: layer.spec.eps } }, [
      ...inputsOf(graph, layer),
      ...['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) => tensor(graph, layer, name)),
    ]),
  layer_norm: (graph, layer) =>
    asOurs(graph, layer, (rows) =>
      graph.add('LayerNormalization', layer.name, [rows, tensor(graph, layer, 'gamma'), tensor(graph, layer, 'beta')], {
        axis: -1,
        epsilon: { float: layer.spec.eps },
      }),
    ),
  group_norm: groupNorm,
  relu: (graph, layer) => one(graph, layer, 'Relu'),
  activation: (graph, layer) => activation(graph, layer, layer.spec.function, layer.spec.alpha ?? 0.01),
  sigmoid_range(graph, layer) {
    const { low, high } = layer.spec;
    const between = step(graph, layer, 'Sigmoid', 'sigmoid', inputsOf(graph, layer));
    const wide = step(graph, layer, 'Mul', 'wide', [between, scalar(graph, layer, 'range', high - low)]);
    one(graph, layer, 'Add', {}, [wide, scalar(graph, layer, 'low', low)]);
  },
  max_pool(graph, layer) {
    const { size: window, stride, padding } = layer.spec;
    one(graph, layer, 'MaxPool', windows(layer.inputShape, { window, stride, padding }));
  },
  avg_pool(graph, layer) {
    const { size: window, stride, padding } = layer.spec;
    one(graph, layer, 'AveragePool', {
      ...windows(layer.inputShape, { window, stride, padding }),
      // Zeros count that were asked for by their number, as in PyTorch; those of 'same' do not, as in TensorFlow.
      count_include_pad: typeof padding === 'number' ? 1 : 0,
    });
  },
  global_avg_pool: (graph, layer) => one(graph, layer, 'ReduceMean', overPixels),
  global_max_pool: (graph, layer) => one(graph, layer, 'ReduceMax', overPixels),
  adaptive_concat_pool(graph, layer) {
    const pooled = ['ReduceMax', 'ReduceMean'].map((op) =>
      step(graph, layer, op, op, inputsOf(graph, layer), overPixels),
    );
    one(graph, layer, 'Concat', { axis: 1 }, pooled);
  },
  flatten: (graph, layer) => asOurs(graph, layer, (rows) => graph.add('Flatten', layer.name, [rows], { axis: 1 })),
  reshape: (graph, layer) =>
    asOurs(graph, layer, (rows) =>
      graph.add('Reshape', layer.name, [rows, graph.integers(`${layer.name}.shape`, [0, ...layer.outputShape])]),
    ),
  zero_padding2d(graph, layer) {
    const [top, bottom, left, right] = sides(layer.spec.padding);
    const pads = graph.integers(`${layer.name}.pads`, [0, 0, top, left, 0, 0, bottom, right]);
    one(graph, layer, 'Pad', {}, [...inputsOf(graph, layer), pads]);
  },
  upsampling2d(graph, layer) {
    const { size } = layer.spec;
    const scales = graph.tensor(`${layer.name}.scales`, [4], Float32Array.of(1, 1, size, size));
    const nearest = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
    // The second input is a region of interest: there is none.
    one(graph, layer, 'Resize', nearest, [...inputsOf(graph, layer), '', scales]);
  },
  dropout: nothing,
  add: (graph, layer) => one(graph, layer, 'Sum'),
  multiply(graph, layer) {
    const inputs = inputsOf(graph, layer);
    const product = inputs.reduce((a, b, i) => step(graph, layer, 'Mul', `product${i}`, [a, b]));
    graph.setOutput(layer.index, product);
  },
  concatenate: (graph, layer) => one(graph, layer, 'Concat', { axis: lastAxis(layer) }),
  columns(graph, layer) {
    const { from, count } = layer.spec;
    const at = (name: string, value: number) => graph.integers(`${layer.name}.${name}`, [value]);
    const inputs = [at('starts', from), at('ends', from + count), at('axes', 1)];
    one(graph, layer, 'Slice', {}, [...inputsOf(graph, layer), ...inputs]);
  },
  embedding: (graph, layer) =>
    asOurs(graph, layer, (rows) => {
      const indexes = step(graph, layer, 'Cast', 'indexes', [rows], { to: dataTypes.int64 });
      return graph.add('Gather', layer.name, [tensor(graph, layer, 'embeddings'), indexes]);
    }),
};
