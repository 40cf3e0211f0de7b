/** Writes down a graph of Keras layers as a LayersModel's JSON has it, and the weights beside it. */
import type { ExportedWeight } from './exported.js';

/** A layer of the graph. */
interface KerasLayer {
  class_name: string;
  name: string;
  config: Record<string, unknown>;
  inbound_nodes: [name: string, node: 0, tensor: 0, kwargs: object][][];
}

/** Layers are added in order, and named by the index of ours: `layer3`, others of the same `layer3_padding`. */
export class KerasGraph {
  readonly layers: KerasLayer[] = [];
  readonly weights: { name: string; weight: ExportedWeight }[] = [];
  /** The Keras layers that give our layers' outputs, by index; -1 is the input. */
  readonly #outputs = new Map<number, string>();

  constructor(inputShape: readonly number[]) {
    const config = { batch_input_shape: [null, ...inputShape], dtype: 'float32', sparse: false };
    this.#outputs.set(-1, this.add('InputLayer', 'input', [], config));
  }

  /** Adds a layer that takes these layers' outputs; its weights are those that it names itself. Returns its name. */
  add(
    className: string,
    name: string,
    inputs: readonly string[],
    config: Record<string, unknown> = {},
    weights: Readonly<Record<string, ExportedWeight | undefined>> = {},
  ): string {
    this.layers.push({
      class_name: className,
      name,
      config: { ...config, name, trainable: true },
      inbound_nodes: inputs.length > 0 ? [inputs.map((input) => [input, 0, 0, {}])] : [],
    });
    for (const [own, weight] of Object.entries(weights))
      if (weight) this.weights.push({ name: `${name}/${own}`, weight });
    return name;
  }

  /** The Keras layer that gives the output of one of ours. */
  outputOf(index: number): string {
    return this.#outputs.get(index)!;
  }

  /** Says which one that is. */
  setOutput(index: number, name: string): void {
    this.#outputs.set(index, name);
  }
}
