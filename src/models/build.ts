import type { Engine, Layer, LayersModel, SymbolicTensor, Variable } from '../engine/index.js';
import type { LayerSpec, ModelPlan } from './spec.js';

/** A model on an engine. */
export interface BuiltModel {
  /** A TensorFlow.js model: batches [rows, ...input_shape] → [rows, ...output_shape]. */
  model: LayersModel;
  /** Its parameters' variables, in `plan.parameters`' order. */
  variables: Variable[];
}

/** Builds a planned model on an engine, with these weights (in `plan.parameters`' order). */
export function buildModel(engine: Engine, plan: ModelPlan, weights: readonly Float32Array[]): BuiltModel {
  const { tf } = engine;
  const input = tf.input({ shape: plan.input_shape });
  const outputs: SymbolicTensor[] = [];
  const variables: Variable[] = [];
  plan.layers.forEach((spec, index) => {
    const inputs = (spec.inputs ?? [index - 1]).map((source) => (source < 0 ? input : outputs[source]));
    const layers = makeLayers(engine, plan, index);
    const output = layers.reduce<SymbolicTensor | SymbolicTensor[]>(
      (x, layer) => layer.apply(x) as SymbolicTensor,
      inputs.length === 1 ? inputs[0] : inputs,
    );
    outputs.push(output as SymbolicTensor);
    variables.push(...layers.flatMap((layer) => layer.weights.map((weight) => weight.read() as Variable)));
  });
  const model = tf.model({ inputs: input, outputs: outputs.at(-1)! });
  tf.tidy(() => variables.forEach((variable, i) => variable.assign(tf.tensor(weights[i], variable.shape))));
  return { model, variables };
}

/** A layer of ours in TensorFlow.js's layers: mostly one; explicit padding takes one of its own. */
function makeLayers(engine: Engine, plan: ModelPlan, index: number): Layer[] {
  const { layers } = engine.tf;
  const spec = plan.layers[index];
  const name = `layer${index}`;
  switch (spec.type) {
    case 'dense':
      return [layers.dense({ units: spec.units, useBias: spec.use_bias ?? true, ...zeroInitializers, name })];
    case 'conv2d':
      return convolution(engine, spec, name);
    case 'batch_norm':
      return [engine.layers.batchNormalization({ epsilon: spec.eps ?? 1e-5, momentum: spec.momentum ?? 0.9, name })];
    case 'relu':
      return [layers.reLU({ name })];
    case 'max_pool':
    case 'avg_pool':
      return pooling(engine, spec, name);
    case 'global_avg_pool':
      return [layers.globalAveragePooling2d({ name })];
    case 'flatten':
      return plan.layer_shapes[index].length === inputRank(plan, index) ? [] : [layers.flatten({ name })];
    case 'reshape':
      return [layers.reshape({ targetShape: spec.shape, name })];
    case 'dropout':
      return [engine.layers.dropout({ rate: spec.rate, stream: index, name })];
    case 'add':
      return [layers.add({ name })];
  }
}

/** Without the batch. */
function inputRank(plan: ModelPlan, index: number): number {
  const [source = index - 1] = plan.layers[index].inputs ?? [];
  return (source < 0 ? plan.input_shape : plan.layer_shapes[source]).length;
}

/** The weights are given, so none are drawn: for a large model that alone takes seconds. */
const zeroInitializers = { kernelInitializer: 'zeros', biasInitializer: 'zeros' } as const;

function convolution(engine: Engine, spec: LayerSpec & { type: 'conv2d' }, name: string): Layer[] {
  const { layers } = engine.tf;
  const { filters, kernel: kernelSize, stride: strides = 1, padding = 'valid', use_bias: useBias = true } = spec;
  // Half a kernel around is what 'same' does at stride 1, and then there is no border to copy the image into.
  const isSame = strides === 1 && padding === (kernelSize - 1) / 2;
  const border =
    typeof padding === 'number' && padding > 0 && !isSame
      ? [layers.zeroPadding2d({ padding, name: `${name}_padding` })]
      : [];
  const rule = isSame ? 'same' : typeof padding === 'number' ? 'valid' : padding;
  return [
    ...border,
    layers.conv2d({ filters, kernelSize, strides, padding: rule, useBias, ...zeroInitializers, name }),
  ];
}

/**
 * Before a max pool, padding in numbers is the lowest number there is; before an average, zeros that count: as in PyTorch.
 * With `same` an average leaves what lies outside out of the mean, as TensorFlow does.
 */
function pooling(engine: Engine, spec: LayerSpec & { type: 'max_pool' | 'avg_pool' }, name: string): Layer[] {
  const { layers } = engine.tf;
  const { size: poolSize, stride: strides = poolSize, padding = 'valid' } = spec;
  const isMax = spec.type === 'max_pool';
  const around = typeof padding === 'number' && padding > 0 ? { padding, name: `${name}_padding` } : null;
  const border = around === null ? [] : [isMax ? engine.layers.lowestPadding2d(around) : layers.zeroPadding2d(around)];
  const args = { poolSize, strides, padding: typeof padding === 'number' ? 'valid' : padding, name } as const;
  return [...border, isMax ? layers.maxPooling2d(args) : layers.averagePooling2d(args)];
}
