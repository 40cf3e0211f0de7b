/** The part of ONNX's protocol buffers (onnx/onnx.proto) that a model of ours needs. */
import protobuf from 'protobufjs';

type Field = [type: string, id: number, repeated?: 'repeated'];

const messages: Record<string, Record<string, Field>> = {
  ModelProto: {
    ir_version: ['int64', 1],
    producer_name: ['string', 2],
    doc_string: ['string', 6],
    graph: ['GraphProto', 7],
    opset_import: ['OperatorSetIdProto', 8, 'repeated'],
    metadata_props: ['StringStringEntryProto', 14, 'repeated'],
  },
  OperatorSetIdProto: { domain: ['string', 1], version: ['int64', 2] },
  StringStringEntryProto: { key: ['string', 1], value: ['string', 2] },
  GraphProto: {
    node: ['NodeProto', 1, 'repeated'],
    name: ['string', 2],
    initializer: ['TensorProto', 5, 'repeated'],
    input: ['ValueInfoProto', 11, 'repeated'],
    output: ['ValueInfoProto', 12, 'repeated'],
  },
  NodeProto: {
    input: ['string', 1, 'repeated'],
    output: ['string', 2, 'repeated'],
    name: ['string', 3],
    op_type: ['string', 4],
    attribute: ['AttributeProto', 5, 'repeated'],
  },
  AttributeProto: {
    name: ['string', 1],
    f: ['float', 2],
    i: ['int64', 3],
    s: ['bytes', 4],
    ints: ['int64', 8, 'repeated'],
    type: ['int32', 20],
  },
  TensorProto: {
    dims: ['int64', 1, 'repeated'],
    data_type: ['int32', 2],
    name: ['string', 8],
    raw_data: ['bytes', 9],
  },
  ValueInfoProto: { name: ['string', 1], type: ['TypeProto', 2], doc_string: ['string', 3] },
  TypeProto: { tensor_type: ['TensorTypeProto', 1] },
  TensorTypeProto: { elem_type: ['int32', 1], shape: ['TensorShapeProto', 2] },
  TensorShapeProto: { dim: ['DimensionProto', 1, 'repeated'] },
  DimensionProto: { dim_value: ['int64', 1], dim_param: ['string', 2] },
};

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(messages).map(([name, fields]) => [
      name,
      {
        fields: Object.fromEntries(
          Object.entries(fields).map(([field, [type, id, rule]]) => [field, { type, id, ...(rule && { rule }) }]),
        ),
      },
    ]),
  ),
});

/** `AttributeProto.AttributeType` and `TensorProto.DataType`. */
export const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 } as const;
export const dataTypes = { float: 1, int64: 7 } as const;

/** The bytes of a ModelProto. */
export function encodeModel(model: object): Uint8Array {
  const type = root.lookupType('ModelProto');
  return type.encode(type.create(model)).finish();
}
