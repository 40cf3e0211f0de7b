import type { Engine, LayersModel, SymbolicTensor, Variable } from '../engine/index.js';
import { layerOf } from './layers/index.js';
import { inputShape, inputsOf } from './plan.js';
import type { ModelPlan } from './spec.js';

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
    const inputs = inputsOf(spec, index).map((source) => (source < 0 ? input : outputs[source]));
    const layers = layerOf(spec).build(engine, spec, { name: `layer${index}`, index, input: inputShape(plan, index) });
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
