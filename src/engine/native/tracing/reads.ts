/**
 * Ops whose outputs are memory of their own. Others may pass on what they were given (Reshape and Identity do, and
 * Slice along the first axis), so what they give counts as read from the variable, too.
 */
const computing = new Set([
  'Add',
  'AddV2',
  'BatchMatMulV2',
  'BiasAdd',
  'Conv2D',
  'Conv2DBackpropFilter',
  'Conv2DBackpropInput',
  'DepthwiseConv2dNative',
  'DepthwiseConv2dNativeBackpropFilter',
  'DepthwiseConv2dNativeBackpropInput',
  'FusedBatchNormGradV3',
  'FusedBatchNormV3',
  'GatherV2',
  'MatMul',
  'Mul',
  'RealDiv',
  'Select',
  'SelectV2',
  'Sub',
  '_FusedConv2D',
  '_FusedMatMul',
]);

/**
 * Which nodes of a graph may still read a variable's memory, followed from node to node while the graph is written:
 * what an op that changes the memory in place must wait for.
 */
export class Reads {
  private readonly nodes = new Map<string, { op: string; inputs: string[]; consumers: string[] }>();
  private readonly closed = new Set<string>();

  /**
   * Notes a node and what goes into it.
   * @throws Error if an input's memory has been changed in place since
   */
  add(name: string, op: string, inputs: readonly string[]): void {
    const producers = inputs.map(producerOf);
    this.nodes.set(name, { op, inputs: producers, consumers: [] });
    for (const producer of producers) {
      if (this.closed.has(producer)) throw new Error(`${op} reads a variable's value after it was changed in place`);
      this.nodes.get(producer)?.consumers.push(name);
    }
  }

  /** Whether an output may be memory that something else has too. */
  mayAlias(value: string): boolean {
    return !computing.has(this.nodes.get(producerOf(value))?.op ?? '');
  }

  /**
   * The nodes that read a variable's value, without those that have run anyway once `inputs` are there. From now on no
   * other node may read it.
   */
  close(value: string, inputs: readonly string[]): string[] {
    const passing = reach([value], (name) => this.consumers(name).filter((consumer) => this.mayAlias(consumer)));
    for (const name of passing) this.closed.add(name);
    const done = reach(inputs.map(producerOf), (name) => this.nodes.get(name)?.inputs ?? []);
    return [...new Set([...passing].flatMap((name) => this.consumers(name)))].filter((name) => !done.has(name));
  }

  private consumers(name: string): string[] {
    return this.nodes.get(name)?.consumers ?? [];
  }
}

/** The node that gives an output: `node:1` is another output of `node`. */
export const producerOf = (output: string): string => output.split(':')[0];

/** All that can be reached from `starts`, these included. */
function reach(starts: readonly string[], next: (name: string) => string[]): Set<string> {
  const reached = new Set(starts);
  // A loop over a set also visits what is added to it meanwhile.
  for (const name of reached) for (const other of next(name)) reached.add(other);
  return reached;
}
