/** Which nodes of a graph may still read a variable's memory: what an op that changes it in place must wait for. */

/**
 * Ops whose outputs are memory of their own. Others may pass on what they were given (Reshape and Identity do, and Slice along the
 * first axis), so what they give counts as read from the variable, too.
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

/** Follows values from node to node while a graph is written. */
export class Reads {
  private readonly nodes = new Map<string, { op: string; inputs: string[]; consumers: string[] }>();
  private readonly closed = new Set<string>();

  /** Notes a node and what goes into it. Throws where that was changed in place since. */
  add(name: string, op: string, inputs: readonly string[]): void {
    const producers = inputs.map(producerOf);
    this.nodes.set(name, { op, inputs: producers, consumers: [] });
    for (const producer of producers) {
      if (this.closed.has(producer)) throw new Error(`${op} reads a variable's value after it was changed in place`);
      this.nodes.get(producer)?.consumers.push(name);
    }
  }

  /** Whether a value may be the memory of something else. */
  mayAlias(value: string): boolean {
    return !computing.has(this.nodes.get(producerOf(value))?.op ?? '');
  }

  /** The nodes that read a variable's value, less those that are done anyway when `inputs` are there. From now on no other may read it. */
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
const producerOf = (output: string): string => output.split(':')[0];

/** All that can be reached from `starts`, these included. */
function reach(starts: readonly string[], next: (name: string) => string[]): Set<string> {
  const reached = new Set(starts);
  for (const name of reached) for (const other of next(name)) reached.add(other); // a set is gone through with what is added meanwhile
  return reached;
}
