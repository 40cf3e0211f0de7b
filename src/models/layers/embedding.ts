import { Count } from '../../schema/fields.js';
import { defineLayer } from './layer.js';
import { truncatedNormal } from './starts.js';

/** fastai's `Embedding`: what its weights' deviation is. */
const deviation = 0.01;

/**
 * Any shape of whole numbers → the same with an axis of `output_dim` more; embeddings [input_dim, output_dim]. An index
 * that is not from 0 to input_dim − 1 fails the step.
 */
export const embedding = defineLayer({
  type: 'embedding',
  description: 'A learned vector for each index, such as the values of a category',
  fields: {
    input_dim: Count('Number of indexes, from 0'),
    output_dim: Count('Length of each vector'),
  },
  kinds: { embeddings: 'weight' },
  outputShape: ({ output_dim }, input) => [...input, output_dim],
  parameters: ({ input_dim, output_dim }) => ({
    embeddings: { shape: [input_dim, output_dim], start: truncatedNormal(deviation) },
  }),
  build: ({ tf }, { input_dim: inputDim, output_dim: outputDim }, { name }) => [
    tf.layers.embedding({ inputDim, outputDim, embeddingsInitializer: 'zeros', name }),
  ],
});
