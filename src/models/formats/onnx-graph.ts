/** Writes down a graph of ONNX's operators. */
import { attributeTypes, dataTypes } from './onnx-schema.js';

/** What an operator is told: a list is of whole numbers, `{float}` need not be whole. */
export type Attributes = Record<string, number | string | readonly number[] | { float: number }>;

/** Any number of rows. */
const rows = { dim_param: 'rows' };

/** Nodes in order, and the tensors that they use. Images are [rows, channels, height, width], as ONNX has them. */
export class OnnxGraph {
  readonly #nodes: object[] = [];
  readonly #tensors: object[] = [];
  /** The names of our layers' outputs, by index; -1 is the input. */
  readonly #outputs = new Map<number, string>();

  /** Adds an operator with one output. Returns that one's name. */
  add(op: string, name: string, inputs: readonly string[], attributes: Attributes = {}): string {
    this.#nodes.push({
      op_type: op,
      name,
      input: inputs,
      output: [name],
      attribute: Object.entries(attributes).map(([key, value]) => ({ name: key, ...attributeOf(value) })),
    });
    return name;
  }

  /** Adds a tensor of float32. Returns its name. */
  tensor(name: string, shape: readonly number[], data: Float32Array): string {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#tensors.push({ name, dims: shape, data_type: dataTypes.float, raw_data: bytes });
    return name;
  }

  /** Adds a list of whole numbers: a shape. Returns its name. */
  integers(name: string, values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    const bytes = new Uint8Array(data.buffer);
    this.#tensors.push({ name, dims: [values.length], data_type: dataTypes.int64, raw_data: bytes });
    return name;
  }

  /** The name of what one of our layers gives. */
  outputOf(index: number): string {
    return this.#outputs.get(index)!;
  }

  /** Says what it is. */
  setOutput(index: number, name: string): void {
    this.#outputs.set(index, name);
  }

  /** The GraphProto. */
  graph(name: string, input: NamedShape, outputs: readonly NamedShape[]): object {
    return {
      name,
      node: this.#nodes,
      initializer: this.#tensors,
      input: [valueInfo(input)],
      output: outputs.map(valueInfo),
    };
  }
}

/** An input or output: its shape is that of one row. */
export interface NamedShape {
  name: string;
  shape: readonly number[];
  description: string;
}

const valueInfo = ({ name, shape, description }: NamedShape) => ({
  name,
  doc_string: description,
  type: {
    tensor_type: {
      elem_type: dataTypes.float,
      shape: { dim: [rows, ...shape.map((dim_value) => ({ dim_value }))] },
    },
  },
});

function attributeOf(value: Attributes[string]): object {
  if (typeof value === 'number') return { i: value, type: attributeTypes.int };
  if (typeof value === 'string') return { s: Buffer.from(value), type: attributeTypes.string };
  return 'float' in value ? { f: value.float, type: attributeTypes.float } : { ints: value, type: attributeTypes.ints };
}
