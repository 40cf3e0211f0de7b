/** What is told of a posted model. */
import { Type, type Static } from 'typebox';
import { LayerSchema, type LayerSpec } from '../models/spec.js';
import { modelFormats } from '../models/formats/model-file.js';
import { Count, oneOf, Sha256 } from '../schema/fields.js';

/** A posted model, as it is answered. */
export const PostedModelRecord = Type.Object(
  {
    id: Type.String({ examples: ['mdl_8fK2'] }),
    object: Type.Literal('model'),
    name: Type.String({ description: 'The name that it was posted with, or its id' }),
    format: oneOf(modelFormats, {
      description: '`layers-model`: layers with weights; `safetensors` and `torch`: weights only',
    }),
    bytes: Count('Size of the posted file'),
    sha256: Sha256('The posted file'),
    created_at: Type.String({ format: 'date-time' }),
    layers: Type.Array(Type.Unsafe<LayerSpec>(LayerSchema), {
      description: 'Its layers; empty if it has weights only',
    }),
    tensors: Type.Array(Type.Object({ name: Type.String(), shape: Type.Array(Type.Integer({ minimum: 0 })) }), {
      description: 'Its weights by name, with their shapes',
    }),
    unsupported: Type.Array(Type.Object({ layer: Type.String(), type: Type.String(), why: Type.String() }), {
      description: 'Layers that are not supported; a model that has some cannot be used by jobs',
    }),
    notes: Type.Array(Type.String(), { description: 'What was changed when it was read' }),
  },
  { title: 'PostedModel', description: 'A posted model: layers with weights, or weights only' },
);
/** As the schema says. */
export type PostedModelRecord = Static<typeof PostedModelRecord>;
