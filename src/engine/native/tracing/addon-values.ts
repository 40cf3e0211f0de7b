/** What TensorFlow.js's kernels hand to the addon, in a graph's terms. */
import type { Binding, OpAttribute } from '../backend.js';
import { attr, type Attribute } from './graph.js';

/**
 * An op's attribute.
 * @throws Error if it is of a kind that no kernel of TensorFlow.js has
 */
export function attributeOf({ name, type, value }: OpAttribute, binding: Binding): Attribute {
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

/**
 * The bytes of a tensor's values, which may be plain arrays; `dtype` is TensorFlow's number for bool, int32 or float32.
 */
export function bytesOf(values: unknown, dtype: number, binding: Binding): ArrayBufferView {
  if (dtype === binding.TF_BOOL) return Uint8Array.from(values as ArrayLike<number>);
  if (ArrayBuffer.isView(values)) return values;
  return dtype === binding.TF_INT32 ? Int32Array.from(values as number[]) : Float32Array.from(values as number[]);
}
