import type { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js';
import type { TensorMetadata, TFEOpAttr, TFJSBinding } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js';
import * as tf from '@tensorflow/tfjs';
import { uniform } from '../../../numbers/random.js';
import { toTensor } from '../../eager/eager-run.js';
import type { StepFunction, Tensor, TensorSpec, TensorValues, Variable } from '../../contract.js';
import { attr, attrFromOp, type Graph } from './graph.js';
import { Reads } from './reads.js';

/** A function in a graph: the names to feed and to fetch, and what it was fed and gave while it was traced, to check the graph with. */
export interface Traced {
  inputs: string[];
  outputs: string[];
  trial: { inputs: TensorValues[]; outputs: Float32Array[] };
}

/** A tensor's place in the graph. */
interface Source {
  node: string;
  dtype: number;
  shape: readonly number[];
}

/**
 * Writes a step down as it runs once: a wrapper around the addon's binding sees every kernel that TensorFlow.js calls, autodiff included,
 * and adds it to the graph as a node.
 */
export class Tracer {
  private graph!: Graph;
  private prefix = '';
  private count = 0;
  private readonly sources = new Map<number, Source>();
  private handles = new Map<Variable, string>();
  /** Per variable, the nodes that a further write must wait for. */
  private readonly order = new Map<Variable, readonly string[]>();
  /** By tensor, variables that nothing has read since they were changed last. */
  private readonly unread = new Map<number, { variable: Variable; previous: readonly string[] }>();
  private writes: string[] = [];
  private reads = new Reads();
  private readonly assigned = new Set<string>();
  active = false;

  constructor(private readonly backend: NodeJSKernelBackend) {}

  /** Runs `fn` once, on made-up inputs, and records it as nodes named `prefix/…`. Variables that it assigns have moved afterwards. */
  trace(graph: Graph, prefix: string, handles: Map<Variable, string>, fn: StepFunction): Traced {
    const { binding } = this.backend;
    let traced!: Traced; // not what tidy returns: that it searches for tensors, number by number
    try {
      tf.tidy(() => {
        this.begin(graph, prefix, handles);
        const values = fn.inputs.map((spec, i) => trialValues(spec, i));
        const tensors = fn.inputs.map((spec, i) => toTensor(values[i], spec));
        const inputs = fn.inputs.map((spec, i) => this.input(i, spec, tensors[i]));
        this.backend.binding = this.recording(binding); // only now: what is uploaded before is no constant of the graph
        this.active = true;
        const results = fn.body(tensors);
        const outputs = this.fetches(results);
        traced = {
          inputs,
          outputs,
          trial: { inputs: values, outputs: results.map((result) => Float32Array.from(result.dataSync())) },
        };
      });
      return traced;
    } finally {
      this.active = false;
      this.backend.binding = binding;
      this.sources.clear();
    }
  }

  /** What a call fetches: the results, once every write has been done. */
  private fetches(results: Tensor[]): string[] {
    const writes = this.writes.map((node) => `^${node}`);
    return results.map((result, i) => {
      const { node, dtype } = this.sourceOf(result);
      return this.graph.add(`${this.prefix}/out${i}`, 'Identity', [node, ...writes], { T: attr.type(dtype) });
    });
  }

  /** Writes a new value to a variable: in the graph, after everything that was done to it before. */
  assign(variable: Variable, value: Tensor): void {
    const { node, dtype } = this.sourceOf(value);
    this.sourceOf(variable); // who has the old value's tensor may still use it
    this.write(variable, 'AssignVariableOp', [this.handle(variable), this.ownMemory(node, dtype)], {
      dtype: attr.type(dtype),
    });
    variable.assign(value); // later reads of the variable then find this value's node
  }

  /** A value in memory that nothing else has: it becomes the variable's, and may be changed in place later. */
  private ownMemory(node: string, dtype: number): string {
    if (this.reads.mayAlias(node) || this.assigned.has(node))
      return this.add('DeepCopy', [node], { T: attr.type(dtype) });
    this.assigned.add(node);
    return node;
  }

  /** Updates variables in place by one of TensorFlow's `ResourceApply…` ops, the first of `resources` being the parameter. */
  apply(op: string, resources: Variable[], inputs: Tensor[], attributes: Record<string, boolean> = {}): void {
    const { TF_FLOAT } = this.backend.binding;
    const input = [
      ...resources.map((resource) => this.handle(resource)),
      ...inputs.map((tensor) => this.sourceOf(tensor).node),
    ];
    const flags = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, attr.bool(value)]));
    const node = this.write(resources[0], op, input, {
      T: attr.type(TF_FLOAT),
      use_locking: attr.bool(false),
      ...flags,
    });
    for (const resource of resources) this.readAgain(resource, [node]);
  }

  /** Updates variables in place by an op of ours, in parts of the variables' elements that run beside one another. */
  applyInPlace(op: string, resources: Variable[], inputs: Tensor[]): void {
    const given = inputs.map((tensor) => this.sourceOf(tensor).node);
    const values = resources.map((resource) => this.sourceOf(resource).node);
    const readers = new Set(values.flatMap((value) => this.reads.close(value, given)));
    const nodes = partsOf(resources[0].size).map(({ start, end }) =>
      this.graph.add(this.next(), op, [...values, ...given, ...[...readers].map((name) => `^${name}`)], {
        start: attr.int(start),
        end: attr.int(end),
      }),
    );
    this.writes.push(...nodes);
    for (const resource of resources) this.readAgain(resource, nodes);
  }

  private begin(graph: Graph, prefix: string, handles: Map<Variable, string>): void {
    Object.assign(this, { graph, prefix, handles, count: 0, writes: [], reads: new Reads() });
    this.order.clear();
    this.assigned.clear();
    this.unread.clear();
    for (const variable of handles.keys()) this.readAgain(variable);
  }

  private input(index: number, { shape, dtype }: TensorSpec, tensor: Tensor): string {
    const { TF_FLOAT, TF_INT32, TF_UINT8 } = this.backend.binding;
    const type = { float32: TF_FLOAT, int32: TF_INT32, uint8: TF_UINT8 }[dtype];
    const name = this.graph.placeholder(`${this.prefix}/in${index}`, type, shape);
    const cast = () =>
      this.graph.add(`${name}_cast`, 'Cast', [name], { SrcT: attr.type(type), DstT: attr.type(TF_FLOAT) });
    this.sources.set(this.idOf(tensor), {
      node: dtype === 'uint8' ? cast() : name,
      dtype: dtype === 'int32' ? type : TF_FLOAT,
      shape,
    });
    return name;
  }

  /** From here on, reading the variable is a new node, after `previous` if these changed it. It is made when something reads. */
  private readAgain(variable: Variable, previous: readonly string[] = []): void {
    this.unread.set(this.idOf(variable), { variable, previous });
    this.order.set(variable, previous);
  }

  private read(variable: Variable, previous: readonly string[]): Source {
    const { TF_FLOAT } = this.backend.binding;
    const input = previous.map((name) => `^${name}`);
    const node = this.add('ReadVariableOp', [this.handle(variable), ...input], { dtype: attr.type(TF_FLOAT) });
    this.order.set(variable, [node]);
    return { node, dtype: TF_FLOAT, shape: variable.shape };
  }

  private write(variable: Variable, op: string, input: string[], attributes: Parameters<Graph['add']>[3]): string {
    const before = this.order.get(variable) ?? [];
    const node = this.add(op, [...input, ...before.map((name) => `^${name}`)], attributes);
    this.order.set(variable, [node]);
    this.writes.push(node);
    return node;
  }

  private handle(variable: Variable): string {
    const handle = this.handles.get(variable);
    if (handle === undefined)
      throw new Error(`the step changes a variable that its program does not name: ${variable.name}`);
    return handle;
  }

  /** A node whose reading of variables is noted. */
  private add(op: string, inputs: string[], attributes: Parameters<Graph['add']>[3]): string {
    const node = this.graph.add(this.next(), op, inputs, attributes);
    this.reads.add(node, op, inputs);
    return node;
  }

  private next(): string {
    return `${this.prefix}/n${this.count++}`;
  }

  /** The addon's id of a tensor; asking for it also uploads a value that was still in JavaScript. */
  private idOf(tensor: Tensor): number {
    const backend = this.backend as unknown as { getInputTensorIds(tensors: Tensor[]): number[] };
    return backend.getInputTensorIds([tensor])[0];
  }

  private sourceOf(tensor: Tensor): Source {
    return this.source(this.idOf(tensor));
  }

  private source(id: number): Source {
    const unread = this.unread.get(id);
    if (unread !== undefined) {
      this.unread.delete(id);
      this.sources.set(id, this.read(unread.variable, unread.previous));
    }
    const known = this.sources.get(id);
    if (known === undefined) throw new Error('the step uses a tensor that was made before it was traced');
    return known;
  }

  /** The binding with `createTensor` and `executeOp` recorded. Its own properties are read-only, hence a copy. */
  private recording(binding: TFJSBinding): TFJSBinding {
    const copy = Object.fromEntries(
      Object.getOwnPropertyNames(binding).map((name) => {
        const value = Reflect.get(binding, name) as unknown;
        return [name, typeof value === 'function' ? (value.bind(binding) as unknown) : value];
      }),
    ) as unknown as TFJSBinding;
    copy.createTensor = (shape, dtype, values) => {
      const id = binding.createTensor(shape, dtype, values);
      this.sources.set(id, {
        node: this.graph.constant(this.next(), dtype, shape, bytesOf(values, dtype, binding)),
        dtype,
        shape,
      });
      return id;
    };
    copy.executeOp = (op, attributes, ids, outputs) => {
      const results = binding.executeOp(op, attributes, ids, outputs);
      this.record(binding, op, attributes, ids, results);
      return results;
    };
    return copy;
  }

  private record(
    binding: TFJSBinding,
    op: string,
    attributes: TFEOpAttr[],
    ids: number[],
    results: TensorMetadata[],
  ): void {
    const inputs = Array.from(ids, (id) => this.source(id));
    if (changesNothing(op, inputs, results)) {
      this.sources.set(results[0].id, inputs[0]);
      return;
    }
    const written = Object.fromEntries(attributes.map((attribute) => [attribute.name, attrFromOp(attribute, binding)]));
    // Eager execution infers T from the first input; a graph wants it said.
    if (!('T' in written) && inputs.length > 0) written.T = attr.type(inputs[0].dtype);
    const node = this.add(
      op,
      inputs.map((input) => input.node),
      written,
    );
    results.forEach(({ id, dtype, shape }, i) =>
      this.sources.set(id, { node: i === 0 ? node : `${node}:${i}`, dtype, shape }),
    );
  }
}

/** Whether an op passes its input on as it is, as many do that TensorFlow.js calls. Between two ops they keep TensorFlow from fusing these. */
function changesNothing(op: string, [input]: readonly Source[], [result]: readonly TensorMetadata[]): boolean {
  if (op !== 'Reshape' && op !== 'Cast' && op !== 'Identity') return false;
  return (
    input.dtype === result.dtype &&
    input.shape.length === result.shape.length &&
    input.shape.every((size, axis) => size === result.shape[axis])
  );
}

/** Elements: a tenth of a millisecond's work. */
const partSize = 2 ** 18;

const partsOf = (size: number): { start: number; end: number }[] =>
  Array.from({ length: Math.ceil(size / partSize) }, (_, i) => ({
    start: i * partSize,
    end: Math.min(size, (i + 1) * partSize),
  }));

function bytesOf(values: unknown, dtype: number, binding: TFJSBinding): ArrayBufferView {
  if (dtype === binding.TF_BOOL) return Uint8Array.from(values as ArrayLike<number>);
  if (ArrayBuffer.isView(values)) return values;
  return dtype === binding.TF_INT32 ? Int32Array.from(values as number[]) : Float32Array.from(values as number[]);
}

/** Numbers in (0, 1), which fit data, rates and decays alike; zeros for integers, which are classes and seeds. */
function trialValues({ shape, dtype }: TensorSpec, index: number): TensorValues {
  const size = tf.util.sizeFromShape(shape);
  if (dtype === 'int32') return new Int32Array(size);
  const values = uniform(new Float32Array(size), { seed: 0, purpose: 'inputs', index });
  return dtype === 'uint8' ? Uint8Array.from(values, (value) => value * 255) : values;
}
