/** LayersModels as TensorFlow.js and Keras write them, zipped. */
import yazl from 'yazl';
import { buffer } from 'node:stream/consumers';

/** On rows of four numbers: 4 hidden outputs, 3 classes. */
export const dense3 = {
  class_name: 'Sequential',
  config: {
    layers: [
      {
        class_name: 'Dense',
        config: { name: 'hidden', units: 4, activation: 'relu', use_bias: true, batch_input_shape: [null, 4] },
      },
      { class_name: 'Dense', config: { name: 'out', units: 3, activation: 'softmax', use_bias: true } },
    ],
  },
};

const layers = [
  ['input', 'InputLayer', {}, []],
  [
    'a/conv',
    'Conv2D',
    { filters: 2, kernel_size: [3, 3], strides: [1, 1], padding: 'same', activation: 'linear' },
    ['input'],
  ],
  ['right', 'ReLU', { max_value: 6 }, ['a/conv']],
  ['sum', 'Add', {}, ['a/conv', 'right']],
  ['pool', 'GlobalAveragePooling2D', {}, ['sum']],
  ['out', 'Dense', { units: 2, activation: 'linear' }, ['pool']],
] as const;

const functional = (batchShape: string, inbound: (names: readonly string[]) => unknown[]) => ({
  class_name: 'Functional',
  config: {
    layers: layers.map(([name, class_name, config, inputs]) => ({
      class_name,
      name,
      config: { name, ...config, ...(class_name === 'InputLayer' && { [batchShape]: [null, 8, 8, 1] }) },
      inbound_nodes: inputs.length === 0 ? [] : inbound(inputs),
    })),
    input_layers: [['input', 0, 0]],
    output_layers: [['out', 0, 0]],
  },
});

export const keras2 = functional('batch_input_shape', (names) => [names.map((name) => [name, 0, 0, {}])]);
export const keras3 = functional('batch_shape', (names) => {
  const tensors = names.map((name) => ({
    class_name: '__keras_tensor__',
    config: { shape: [null], dtype: 'float32', keras_history: [name, 0, 0] },
  }));
  return [{ args: names.length > 1 ? [tensors] : tensors, kwargs: {} }];
});

/** The weights of dense3, or of the functional model where there are no `units`; each number is 0.1 more than the last. */
export async function zipOf(model: object, units: readonly number[]): Promise<Buffer> {
  const weights =
    units.length > 0
      ? [
          ['hidden/kernel', [4, 4]],
          ['hidden/bias', [4]],
          ['out/kernel', [4, 3]],
          ['out/bias', [3]],
        ]
      : [
          ['a/conv/kernel', [3, 3, 1, 2]],
          ['a/conv/bias', [2]],
          ['out/kernel', [2, 2]],
          ['out/bias', [2]],
        ];
  const specs = weights.map(([name, shape]) => ({ name: String(name), shape: shape as number[], dtype: 'float32' }));
  const size = specs.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);
  const values = Float32Array.from({ length: size }, (_, i) => i / 10);
  const json = {
    format: 'layers-model',
    modelTopology: { model_config: model },
    weightsManifest: [{ paths: ['group1-shard1of1.bin'], weights: specs }],
  };
  const zip = new yazl.ZipFile();
  zip.addBuffer(Buffer.from(JSON.stringify(json)), 'model/model.json');
  zip.addBuffer(Buffer.from(values.buffer), 'model/group1-shard1of1.bin');
  zip.end();
  return buffer(zip.outputStream);
}
