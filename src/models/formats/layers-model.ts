/** A model as TensorFlow.js's LayersModel: of Keras's own layers, so that `tf.loadLayersModel` needs nothing of ours. */
import { classNames } from '../answers.js';
import { writeLayers, type ExportedModel } from './exported.js';
import { KerasGraph } from './keras-graph.js';
import { kerasLayers } from './keras-layers.js';

/** The files of a LayersModel: its JSON, and the weights in parts, to be written one after another. */
export interface LayersModelFiles {
  json: string;
  weights: Uint8Array[];
}

const weightsName = 'weights.bin';

/**
 * Batches [rows, …] → [rows, outputs]: what the model was trained to give, before any softmax, so that it can be trained
 * on. What the outputs mean stands in `userDefinedMetadata`.
 */
export function layersModel({ model, name }: ExportedModel): LayersModelFiles {
  const { plan, activation, processing, vocabulary } = model;
  const graph = new KerasGraph(plan.input_shape);
  writeLayers(kerasLayers, graph, model);
  const config = {
    name,
    layers: graph.layers,
    input_layers: [['input', 0, 0]],
    output_layers: [[graph.outputOf(plan.layers.length - 1), 0, 0]],
  };
  const weights = graph.weights.map(({ name: weight, weight: { shape } }) => ({
    name: weight,
    shape,
    dtype: 'float32',
  }));
  const json = {
    format: 'layers-model',
    generatedBy: 'onecycle',
    convertedBy: null,
    modelTopology: { class_name: 'Model', config, keras_version: 'tfjs-layers 4.22.0', backend: 'tensor_flow.js' },
    weightsManifest: [{ paths: [weightsName], weights }],
    userDefinedMetadata: {
      activation,
      processing,
      ...(activation === 'softmax' ? { classes: classNames(model) } : { targets: vocabulary.names }),
    },
  };
  return {
    json: JSON.stringify(json),
    weights: graph.weights.map(({ weight: { data } }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  };
}
