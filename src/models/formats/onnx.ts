/** A model as an ONNX file. */
import { classNames } from '../answers.js';
import { writeLayers, type ExportedModel } from './exported.js';
import { OnnxGraph, type NamedShape } from './onnx-graph.js';
import { onnxLayers } from './onnx-layers.js';
import { channelsFirst } from './onnx-parts.js';
import { encodeModel } from './onnx-schema.js';

/** Of ONNX's operators (2021), and of its file format: what runtimes of the last years read. */
const opset = 17;
const irVersion = 8;

/**
 * The input `x` is as our rows are: [rows, …], images channels last. The first output is what the model was trained to
 * give, `logits` or `values`; for classes there is a second one, `probabilities`. The card is its `doc_string`.
 */
export function onnxFile({ model, name, card }: ExportedModel): Uint8Array {
  const { plan, activation, processing, vocabulary } = model;
  const graph = new OnnxGraph();
  graph.setOutput(-1, channelsFirst(graph, 'x', plan.input_shape, 'x/channels_first'));
  writeLayers(onnxLayers, graph, model);
  const last = graph.outputOf(plan.layers.length - 1);
  const classes = activation === 'softmax';
  const logits = activation !== 'none';
  const outputs: NamedShape[] = [
    {
      name: graph.add('Identity', logits ? 'logits' : 'values', [last]),
      shape: plan.output_shape,
      description: logits ? `One number per class, before ${activation}` : 'The predicted values',
    },
  ];
  if (logits)
    outputs.push({
      name: classes
        ? graph.add('Softmax', 'probabilities', [last], { axis: -1 })
        : graph.add('Sigmoid', 'probabilities', [last]),
      shape: plan.output_shape,
      description: classes ? 'Probabilities of the classes' : 'The probability of each class',
    });
  const input = { name: 'x', shape: plan.input_shape, description: 'Rows after processing; images are channels-last' };
  const metadata = {
    activation,
    processing,
    ...(classes ? { classes: classNames(model) } : { targets: vocabulary.names }),
  };
  return encodeModel({
    ir_version: irVersion,
    producer_name: 'onecycle',
    doc_string: card,
    opset_import: [{ domain: '', version: opset }],
    metadata_props: Object.entries(metadata).map(([key, value]) => ({
      key,
      value: typeof value === 'string' ? value : JSON.stringify(value),
    })),
    graph: graph.graph(name, input, outputs),
  });
}
