import type { Tensor, TensorSpec, Variable } from '../../contract.js';
import { type Binding, dataType, type NativeBackend, type OpAttribute, type OpResult, tensorId } from '../backend.js';
import { attributeOf, bytesOf } from './addon-values.js';
import { FunctionNodes } from './function-nodes.js';
import { attr, type Attributes, type Graph } from './graph.js';
import { Reads } from './reads.js';
import { VariableOrder } from './variable-order.js';
import { partsOf } from './variable-parts.js';

/** A tensor's place in the graph: the node's output that gives it, and TensorFlow's number for its data type. */
interface Source {
  output: string;
  dtype: number;
  shape: readonly number[];
}

/**
 * One function on its way into a graph: what the addon does while the function runs becomes nodes, and so do the
 * changes of variables, which are not made but only written down. Tensors are known by the addon's ids.
 */
export class Trace {
  private readonly binding: Binding;
  private readonly nodes: FunctionNodes;
  private readonly sources = new Map<number, Source>();
  private readonly order: VariableOrder;
  private readonly reads = new Reads();
  /** By tensor id, variables whose present value no node has read yet. */
  private readonly unread = new Map<number, Variable>();
  /** By a reshape's output, what it reshapes. */
  private readonly reshaped = new Map<string, Source>();
  /** Outputs whose memory has become a variable's. */
  private readonly taken = new Set<string>();

  /**
   * @param name the function's, which its nodes' names begin with
   * @param handles by variable, the node of its handle in the graph
   */
  constructor(
    private readonly backend: NativeBackend,
    graph: Graph,
    name: string,
    handles: ReadonlyMap<Variable, string>,
  ) {
    this.binding = backend.binding;
    this.nodes = new FunctionNodes(graph, name);
    this.order = new VariableOrder(handles);
    for (const variable of handles.keys()) this.unread.set(this.idOf(variable), variable);
  }

  /** Makes a tensor the function's input, and returns the node that is fed for it. */
  addInput(index: number, { shape, dtype }: TensorSpec, tensor: Tensor): string {
    const { TF_FLOAT } = this.binding;
    const type = dataType(this.binding, dtype);
    const fed = this.nodes.input(index, type, shape);
    const source =
      dtype === 'uint8'
        ? { output: this.nodes.castInput(index, type, TF_FLOAT), dtype: TF_FLOAT, shape }
        : { output: fed, dtype: type, shape };
    this.sources.set(this.idOf(tensor), source);
    return fed;
  }

  /** The nodes to fetch for the function's results; they come once every variable has its new value. */
  addOutputs(results: readonly Tensor[]): string[] {
    const done = controls(this.order.writes);
    return results.map((result, i) => {
      const { output, dtype } = this.sourceOf(result);
      return this.nodes.output(i, dtype, [output, ...done]);
    });
  }

  /** Writes down that the addon made a tensor of values. */
  addConstant({ id, shape, dtype }: OpResult, values: Parameters<Binding['createTensor']>[2]): void {
    const output = this.nodes.constant(dtype, shape, bytesOf(values, dtype, this.binding));
    this.sources.set(id, { output, dtype, shape });
  }

  /** Writes down that the addon ran an op. */
  addOp(
    op: string,
    attributes: readonly OpAttribute[],
    inputIds: readonly number[],
    results: readonly OpResult[],
  ): void {
    const inputs = Array.from(inputIds, (id) => this.source(id));
    // Of reshapes in a row the last one is enough.
    if (op === 'Reshape') inputs[0] = this.reshaped.get(inputs[0].output) ?? inputs[0];
    if (changesNothing(op, inputs, results)) {
      this.sources.set(results[0].id, inputs[0]);
      return;
    }
    const written = Object.fromEntries(attributes.map((given) => [given.name, attributeOf(given, this.binding)]));
    // Eager execution infers T from the first input; in a graph it must be said.
    if (!('T' in written) && inputs.length > 0) written.T = attr.type(inputs[0].dtype);
    const outputs = inputs.map(({ output }) => output);
    const node = this.add(op, outputs, written, results[0]?.shape);
    if (op === 'Reshape') this.reshaped.set(node, inputs[0]);
    results.forEach(({ id, dtype, shape }, i) =>
      this.sources.set(id, { output: i === 0 ? node : `${node}:${i}`, dtype, shape }),
    );
  }

  /** Writes down variable ← value, after everything that was done to the variable before. */
  assign(variable: Variable, value: Tensor): void {
    const { output, dtype } = this.sourceOf(value);
    this.sourceOf(variable); // who has the old value's tensor may still use it
    const inputs = [this.order.handle(variable), this.ownMemory(output, dtype)];
    this.write(variable, 'AssignVariableOp', inputs, { dtype: attr.type(dtype) });
    variable.assign(value); // later reads of the variable then find this value's node
  }

  /**
   * Writes down an update in place by one of TensorFlow's `ResourceApply…` ops, the first of `resources` being the
   * parameter.
   */
  apply(
    op: string,
    resources: readonly Variable[],
    inputs: readonly Tensor[],
    flags: Record<string, boolean> = {},
  ): void {
    const handles = resources.map((resource) => this.order.handle(resource));
    const outputs = inputs.map((tensor) => this.sourceOf(tensor).output);
    const node = this.write(resources[0], op, [...handles, ...outputs], {
      T: attr.type(this.binding.TF_FLOAT),
      use_locking: attr.bool(false),
      ...Object.fromEntries(Object.entries(flags).map(([name, value]) => [name, attr.bool(value)])),
    });
    for (const resource of resources) this.changed(resource, [node]);
  }

  /**
   * Writes down an update in place by an op of ours, which takes a variable's own memory: one node for each part of the
   * variables' elements, so that the parts are updated beside one another, after all that reads the old values.
   */
  applyInPlace(op: string, resources: readonly Variable[], inputs: readonly Tensor[]): void {
    const given = inputs.map((tensor) => this.sourceOf(tensor).output);
    const values = resources.map((resource) => this.sourceOf(resource).output);
    const readers = new Set(values.flatMap((value) => this.reads.close(value, given)));
    const nodes = partsOf(resources[0].size).map(({ start, end }) =>
      this.nodes.add(op, [...values, ...given, ...controls(readers)], { start: attr.int(start), end: attr.int(end) }),
    );
    this.order.wrote(nodes);
    for (const resource of resources) this.changed(resource, nodes);
  }

  /** A value in memory that nothing else has: it becomes the variable's, and may be changed in place later. */
  private ownMemory(output: string, dtype: number): string {
    if (this.reads.mayAlias(output) || this.taken.has(output))
      return this.add('DeepCopy', [output], { T: attr.type(dtype) });
    this.taken.add(output);
    return output;
  }

  /** Notes that `nodes` have changed a variable: reading it is a new node from here on, made when something reads. */
  private changed(variable: Variable, nodes: readonly string[]): void {
    this.unread.set(this.idOf(variable), variable);
    this.order.next(variable, nodes);
  }

  private read(variable: Variable): Source {
    const dtype = this.binding.TF_FLOAT;
    const inputs = [this.order.handle(variable), ...controls(this.order.previous(variable))];
    const output = this.add('ReadVariableOp', inputs, { dtype: attr.type(dtype) }, variable.shape);
    this.order.next(variable, [output]);
    return { output, dtype, shape: variable.shape };
  }

  private write(variable: Variable, op: string, inputs: readonly string[], attributes: Attributes): string {
    const node = this.add(op, [...inputs, ...controls(this.order.previous(variable))], attributes);
    this.order.next(variable, [node]);
    this.order.wrote([node]);
    return node;
  }

  /** A node whose reading of variables is noted. */
  private add(op: string, inputs: string[], attributes: Attributes, shape?: readonly number[]): string {
    const node = this.nodes.add(op, inputs, attributes, shape);
    this.reads.add(node, op, inputs);
    return node;
  }

  private idOf(tensor: Tensor): number {
    return tensorId(this.backend, tensor);
  }

  private sourceOf(tensor: Tensor): Source {
    return this.source(this.idOf(tensor));
  }

  private source(id: number): Source {
    const variable = this.unread.get(id);
    if (variable !== undefined) {
      this.unread.delete(id);
      this.sources.set(id, this.read(variable));
    }
    const known = this.sources.get(id);
    if (known === undefined) throw new Error('the step uses a tensor that was made before it was traced');
    return known;
  }
}

/** Inputs that only order: the node runs after these. */
const controls = (nodes: Iterable<string>): string[] => Array.from(nodes, (node) => `^${node}`);

/**
 * Whether an op passes its input on as it is, as many do that TensorFlow.js calls. They are left out, for between two
 * ops they keep TensorFlow from fusing these.
 */
function changesNothing(op: string, [input]: readonly Source[], [result]: readonly OpResult[]): boolean {
  if (op !== 'Reshape' && op !== 'Cast' && op !== 'Identity') return false;
  return (
    input.dtype === result.dtype &&
    input.shape.length === result.shape.length &&
    input.shape.every((size, axis) => size === result.shape[axis])
  );
}
