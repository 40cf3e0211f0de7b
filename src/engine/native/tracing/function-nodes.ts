import { attr, type Attributes, type Graph } from './graph.js';

/**
 * Names the nodes of one function in a graph: `NAME/in0`, … are its inputs, `NAME/n0`, … its ops, `NAME/out0`, … its
 * outputs.
 */
export class FunctionNodes {
  private count = 0;

  constructor(
    private readonly graph: Graph,
    private readonly name: string,
  ) {}

  /** An op; returns its name, which stands for its first output. */
  add(op: string, inputs: string[], attributes: Attributes, shape?: readonly number[]): string {
    return this.graph.add(this.next(), op, inputs, attributes, shape);
  }

  /** A constant, or the one of that value that the graph has already. */
  constant(dtype: number, shape: readonly number[], values: ArrayBufferView): string {
    return this.graph.constant(this.next(), dtype, shape, values);
  }

  /** A node to be fed. */
  input(index: number, dtype: number, shape: readonly number[]): string {
    return this.graph.placeholder(this.inputName(index), dtype, shape);
  }

  /** What an input is cast to before it is used. */
  castInput(index: number, from: number, to: number): string {
    const input = this.inputName(index);
    return this.graph.add(`${input}_cast`, 'Cast', [input], { SrcT: attr.type(from), DstT: attr.type(to) });
  }

  /** A node to be fetched, which passes on the first of `inputs`. */
  output(index: number, dtype: number, inputs: string[]): string {
    return this.graph.add(`${this.name}/out${index}`, 'Identity', inputs, { T: attr.type(dtype) });
  }

  private inputName(index: number): string {
    return `${this.name}/in${index}`;
  }

  private next(): string {
    return `${this.name}/n${this.count++}`;
  }
}
