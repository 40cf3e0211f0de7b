import { completeLayer, type CompleteLayer } from '../layers/index.js';
import { inputShape, inputsOf } from '../plan.js';
import type { ParameterName } from '../spec.js';
import type { TrainedModel } from '../kept-model.js';

/** What is written in another format. */
export interface ExportedModel {
  model: TrainedModel;
  /** What the model is named in the file. */
  name: string;
  /** Its model card: Markdown. */
  card: string;
}

/** A tensor of a layer. */
export interface ExportedWeight {
  shape: number[];
  data: Float32Array;
}

/** A layer on its way into another format. */
export interface ExportedLayer<Spec = CompleteLayer> {
  index: number;
  /** No other layer's: its own, or `layerINDEX`. */
  name: string;
  spec: Spec;
  /** The layers whose outputs go in, by index; -1 is the input of the model. */
  inputs: number[];
  /** Shapes of one row: of its (first) input, and of its output. */
  inputShape: number[];
  outputShape: number[];
  /** Its parameters by name: those that it has. */
  weights: Partial<Record<ParameterName, ExportedWeight>>;
}

/** What is said of each type of layer, in another format. */
export type ByType<Target> = {
  [Type in CompleteLayer['type']]: (
    target: Target,
    layer: ExportedLayer<Extract<CompleteLayer, { type: Type }>>,
  ) => void;
};

/** A name may look like one that is made here: then it is not used. */
const nameOf = ({ name }: CompleteLayer, index: number): string =>
  name === undefined || /^(layer\d+|input|x|logits|values|probabilities|_.*)$/.test(name) ? `layer${index}` : name;

/** Has each layer of a model written, in order, by what the table says of its type. */
export function writeLayers<Target>(table: ByType<Target>, target: Target, { plan, weights }: TrainedModel): void {
  plan.layers.forEach((given, index) => {
    const own = plan.parameters.flatMap((parameter, i) => (parameter.layer === index ? [{ parameter, i }] : []));
    const spec = completeLayer(given);
    const layer: ExportedLayer = {
      index,
      name: nameOf(spec, index),
      spec,
      inputs: inputsOf(given, index),
      inputShape: inputShape(plan, index),
      outputShape: plan.layer_shapes[index],
      weights: Object.fromEntries(own.map(({ parameter: { name, shape }, i }) => [name, { shape, data: weights[i] }])),
    };
    // The entry is that of the layer's own type, which the compiler cannot follow through the table.
    const write = table[spec.type] as (target: Target, layer: ExportedLayer) => void;
    write(target, layer);
  });
}
