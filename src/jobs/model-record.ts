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
    name: Type.String({ description: 'As it was posted, else its id' }),
    format: oneOf(modelFormats, {
      description: '`layers-model`: layers with weights; `safetensors` and `torch`: weights alone',
    }),
    bytes: Count('Of the file that was posted'),
    sha256: Sha256('The file that was posted'),
    created_at: Type.String({ format: 'date-time' }),
    layers: Type.Array(Type.Unsafe<LayerSpec>(LayerSchema), {
      description: 'Its layers; none where it has weights alone',
    }),
    tensors: Type.Array(Type.Object({ name: Type.String(), shape: Type.Array(Type.Integer({ minimum: 0 })) }), {
      description: 'Its weights by name, with their shapes',
    }),
    unsupported: Type.Array(Type.Object({ layer: Type.String(), type: Type.String(), why: Type.String() }), {
      description: 'Layers that cannot be taken over; while there are some, no job can name the model',
    }),
    notes: Type.Array(Type.String(), { description: 'What was changed on the way in' }),
  },
  { title: 'PostedModel', description: 'A model that was posted: layers with weights, or weights alone' },
);
/** As the schema says. */
export type PostedModelRecord = Static<typeof PostedModelRecord>;
