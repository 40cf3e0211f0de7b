import protobuf from 'protobufjs';

/**
 * The part of TensorFlow's SavedModel format that we write, and of a session's configuration; field numbers are those of
 * tensorflow/core/framework/*.proto, and of tensorflow/core/protobuf/config.proto.
 */
const schema = `syntax = "proto3";
message Dim { int64 size = 1; }
message Shape { repeated Dim dim = 2; }
message Tensor { int32 dtype = 1; Shape tensor_shape = 2; bytes tensor_content = 4; }
message AttrList {
  repeated bytes s = 2; repeated int64 i = 3; repeated float f = 4; repeated bool b = 5; repeated int32 type = 6;
}
message Attr {
  oneof value {
    AttrList list = 1; bytes s = 2; int64 i = 3; float f = 4; bool b = 5; int32 type = 6;
    Shape shape = 7; Tensor tensor = 8;
  }
}
message Node { string name = 1; string op = 2; repeated string input = 3; map<string, Attr> attr = 5; }
message Versions { int32 producer = 1; }
message Graph { repeated Node node = 1; Versions versions = 4; }
message MetaInfo { repeated string tags = 4; }
message MetaGraph { MetaInfo meta_info_def = 1; Graph graph_def = 2; }
message SavedModel { int64 saved_model_schema_version = 1; repeated MetaGraph meta_graphs = 2; }
message RewriterConfig {
  int32 layout_optimizer = 1; int32 constant_folding = 3; int32 memory_optimization = 4;
  int32 arithmetic_optimization = 7; int32 loop_optimization = 9; int32 function_optimization = 10;
  int32 meta_optimizer_iterations = 12; int32 shape_optimization = 13; int32 scoped_allocator_optimization = 15;
  int32 pin_to_host_optimization = 18; int32 implementation_selector = 22; bool disable_tfg_optimizer = 32;
}
message GraphOptions { RewriterConfig rewrite_options = 10; }
message Config { int32 inter_op_parallelism_threads = 5; GraphOptions graph_options = 10; }`;

const { root } = protobuf.parse(schema);
const savedModel = root.lookupType('SavedModel');
const config = root.lookupType('Config');

/** TensorFlow 2.21's graph version: what its op definitions are read as. */
const graphProducer = 1882;
/** The tag that the graph is saved and loaded under. */
export const servingTag = 'serve';

/** Constants up to this size are looked up by their value. */
const smallConstantBytes = 64;

/** How a session runs its graph: the part of TensorFlow's ConfigProto that we set. */
export interface SessionConfig {
  /** Threads that ops are handed to; -1: none, the calling thread runs them. */
  interOpParallelismThreads?: number;
}

/** RewriterConfig's words for a pass that runs, for one that is left out, and for one that is not to look at memory. */
const on = 1;
const off = 2;
const noHeuristics = 1;
/**
 * What TensorFlow does with a graph before it runs: ops are fused, what stands twice stands once, what only orders goes.
 * Other passes find nothing in a traced step, and each looks at the whole graph for every function and twice: without
 * them ResNet-18's first step takes a quarter of a second less, and its numbers and later steps are the same.
 * The arithmetic optimizer even does harm: it goes through nodes in the order of their hashes, another one in each
 * process, and a large ResNet's gradients were then summed in another order.
 */
const graphOptions = {
  rewriteOptions: {
    layoutOptimizer: off,
    constantFolding: off,
    memoryOptimization: noHeuristics,
    arithmeticOptimization: off,
    loopOptimization: off,
    functionOptimization: off,
    metaOptimizerIterations: 1,
    shapeOptimization: off,
    scopedAllocatorOptimization: off,
    pinToHostOptimization: off,
    implementationSelector: off,
    disableTfgOptimizer: true, // it takes the graph into MLIR, infers shapes, and takes it back: steps are the same without
  },
};

/**
 * On a card the pass that lays pictures out stays: cuDNN wants channels first, and else every convolution and batch norm
 * turns what it is given, and then what it gives.
 */
const graphOptionsOnCard = { rewriteOptions: { ...graphOptions.rewriteOptions, layoutOptimizer: on } };

/** The bytes of a `session_config.pb`, which our addon reads. */
export const encodeConfig = (values: SessionConfig, onCard: boolean): Uint8Array =>
  config.encode(config.fromObject({ ...values, graphOptions: onCard ? graphOptionsOnCard : graphOptions })).finish();

/** A node's attribute, as the message `Attr` above. */
export type Attribute = Record<string, unknown>;
/** A node's attributes by name. */
export type Attributes = Record<string, Attribute>;

const shapeOf = (shape: readonly number[]) => ({ dim: shape.map((size) => ({ size })) });

/** Makes attributes. Types are given by their numbers in TensorFlow. */
export const attr = {
  type: (value: number): Attribute => ({ type: value }),
  int: (value: number): Attribute => ({ i: value }),
  float: (value: number): Attribute => ({ f: value }),
  bool: (value: boolean): Attribute => ({ b: value }),
  string: (value: string): Attribute => ({ s: Buffer.from(value) }),
  shape: (value: readonly number[]): Attribute => ({ shape: shapeOf(value) }),
};

/** A node as TensorFlow's message of that name. An input `name` is the first output of a node, `name:1` its second. */
export interface NodeDef {
  name: string;
  op: string;
  input: string[];
  attr: Attributes;
  /** Of its first output, where it is known; it is not written. */
  shape?: readonly number[];
}

/** A node for a constant, which `constantInts` reads again. */
const constantAttributes = (dtype: number, shape: readonly number[], tensorContent: Buffer): Attributes => ({
  dtype: attr.type(dtype),
  value: { tensor: { dtype, tensorShape: shapeOf(shape), tensorContent } },
});

/** The values of a constant of int32, such as axes; undefined for other nodes. */
export function constantInts({ op, attr: { value } }: NodeDef): number[] | undefined {
  if (op !== 'Const') return undefined;
  const { tensorContent } = value.tensor as { tensorContent: Buffer };
  return Array.from({ length: tensorContent.length / 4 }, (_, i) => tensorContent.readInt32LE(4 * i));
}

/**
 * A TensorFlow graph while it is put together. It is written as a SavedModel, the only form that the addon takes a
 * graph in.
 */
export class Graph {
  private nodes: NodeDef[] = [];
  private readonly constants = new Map<string, string>();

  /** Adds a node and returns its name, which stands for its first output. Inputs `^name` only order. */
  add(name: string, op: string, input: string[], attributes: Attributes = {}, shape?: readonly number[]): string {
    this.nodes.push({ name, op, input, attr: attributes, ...(shape && { shape }) });
    return name;
  }

  /** A constant. Small ones of the same value are one node, the first, for shapes and axes come by the hundred. */
  constant(name: string, dtype: number, shape: readonly number[], values: ArrayBufferView): string {
    const content = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    const key = content.length <= smallConstantBytes ? `${dtype} ${shape.join()} ${content.toString('hex')}` : name;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    this.constants.set(key, name);
    return this.add(name, 'Const', [], constantAttributes(dtype, shape, content));
  }

  /** A node whose value is fed at each call. */
  placeholder(name: string, dtype: number, shape: readonly number[]): string {
    return this.add(name, 'Placeholder', [], { dtype: attr.type(dtype), shape: attr.shape(shape) }, shape);
  }

  /** Puts other nodes in the place of all. */
  rewrite(change: (nodes: readonly NodeDef[]) => NodeDef[]): void {
    this.nodes = change(this.nodes);
  }

  /** Whether it has convolutions. */
  convolves(): boolean {
    return this.nodes.some(({ op }) => op.includes('Conv'));
  }

  /** The bytes of a `saved_model.pb`. */
  encode(): Uint8Array {
    const graphDef = { node: this.nodes, versions: { producer: graphProducer } };
    const metaGraph = { metaInfoDef: { tags: [servingTag] }, graphDef };
    return savedModel.encode(savedModel.fromObject({ savedModelSchemaVersion: 1, metaGraphs: [metaGraph] })).finish();
  }
}
