import protobuf from 'protobufjs';
import type { TFEOpAttr, TFJSBinding } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js';

/** The part of TensorFlow's SavedModel format that a traced run needs; field numbers are those of tensorflow/core/framework/*.proto. */
const schema = `syntax = "proto3";
message Dim { int64 size = 1; }
message Shape { repeated Dim dim = 2; }
message Tensor { int32 dtype = 1; Shape tensor_shape = 2; bytes tensor_content = 4; }
message AttrList { repeated bytes s = 2; repeated int64 i = 3; repeated float f = 4; repeated bool b = 5; repeated int32 type = 6; }
message Attr { oneof value { AttrList list = 1; bytes s = 2; int64 i = 3; float f = 4; bool b = 5; int32 type = 6; Shape shape = 7; Tensor tensor = 8; } }
message Node { string name = 1; string op = 2; repeated string input = 3; map<string, Attr> attr = 5; }
message Versions { int32 producer = 1; }
message Graph { repeated Node node = 1; Versions versions = 4; }
message MetaInfo { repeated string tags = 4; }
message MetaGraph { MetaInfo meta_info_def = 1; Graph graph_def = 2; }
message SavedModel { int64 saved_model_schema_version = 1; repeated MetaGraph meta_graphs = 2; }`;

const savedModel = protobuf.parse(schema).root.lookupType('SavedModel');

/** TensorFlow 2.21's graph version: what its op definitions are read as. */
const graphProducer = 1882;
export const servingTag = 'serve';

/** Bytes. */
const smallConstant = 64;

type Attr = Record<string, unknown>;

const shapeOf = (shape: readonly number[]) => ({ dim: shape.map((size) => ({ size })) });

export const attr = {
  type: (value: number): Attr => ({ type: value }),
  int: (value: number): Attr => ({ i: value }),
  float: (value: number): Attr => ({ f: value }),
  bool: (value: boolean): Attr => ({ b: value }),
  string: (value: string): Attr => ({ s: Buffer.from(value) }),
  shape: (value: readonly number[]): Attr => ({ shape: shapeOf(value) }),
};

export interface NodeDef {
  name: string;
  op: string;
  input: string[];
  attr: Record<string, Attr>;
}

/** A TensorFlow graph under construction, written as a SavedModel: the one form in which TensorFlow.js's addon takes a graph. */
export class Graph {
  private readonly nodes: NodeDef[] = [];
  private readonly constants = new Map<string, string>();

  /** Adds a node and returns its name, which stands for its first output. Inputs `^name` only order. */
  add(name: string, op: string, input: string[], attributes: Record<string, Attr> = {}): string {
    this.nodes.push({ name, op, input, attr: attributes });
    return name;
  }

  /** A constant; small ones of the same value are one node, for shapes and axes come by the hundred. */
  constant(name: string, dtype: number, shape: readonly number[], values: ArrayBufferView): string {
    const content = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    const key = content.length <= smallConstant ? `${dtype} ${shape.join()} ${content.toString('hex')}` : name;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    this.constants.set(key, name);
    return this.add(name, 'Const', [], {
      dtype: attr.type(dtype),
      value: { tensor: { dtype, tensorShape: shapeOf(shape), tensorContent: content } },
    });
  }

  placeholder(name: string, dtype: number, shape: readonly number[]): string {
    return this.add(name, 'Placeholder', [], { dtype: attr.type(dtype), shape: attr.shape(shape) });
  }

  /** The ops that it has. */
  ops(): Set<string> {
    return new Set(this.nodes.map(({ op }) => op));
  }

  /** The bytes of a `saved_model.pb`. */
  encode(): Uint8Array {
    const graphDef = { node: this.nodes, versions: { producer: graphProducer } };
    const metaGraph = { metaInfoDef: { tags: [servingTag] }, graphDef };
    return savedModel.encode(savedModel.fromObject({ savedModelSchemaVersion: 1, metaGraphs: [metaGraph] })).finish();
  }
}

/** An attribute as TensorFlow.js's kernels give it to the addon, in a graph's terms. */
export function attrFromOp({ name, type, value }: TFEOpAttr, binding: TFJSBinding): Attr {
  const list = Array.isArray(value) && type !== binding.TF_ATTR_SHAPE;
  switch (type) {
    case binding.TF_ATTR_TYPE:
      return list ? { list: { type: value } } : { type: value };
    case binding.TF_ATTR_INT:
      return list ? { list: { i: value } } : { i: value };
    case binding.TF_ATTR_FLOAT:
      return list ? { list: { f: value } } : { f: value };
    case binding.TF_ATTR_BOOL:
      return list ? { list: { b: value } } : { b: value };
    case binding.TF_ATTR_STRING:
      return attr.string(value as string);
    case binding.TF_ATTR_SHAPE:
      return attr.shape(value as number[]);
    default:
      throw new Error(`attribute ${name} has a type that a graph cannot hold: ${type}`);
  }
}
