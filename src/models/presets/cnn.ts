import { Type } from 'typebox';
import { Count, defaulted } from '../../schema/fields.js';
import type { LayerSpec } from '../layers/index.js';
import { definePreset, head } from './preset.js';

/** Groups: body, head. */
export const cnn = definePreset({
  name: 'cnn',
  description:
    '3x3 convolutions with batch norm and ReLU, halving the resolution each time, then a global average and a dense ' +
    'layer. Parameter groups: body, head',
  arguments: {
    channels: defaulted(
      Type.Array(Count('Channels'), { minItems: 1, description: 'Output channels of each convolution' }),
      [32, 64, 128],
    ),
  },
  takes: 'images',
  groups({ channels }, input, outputs) {
    const block = (filters: number, i: number): LayerSpec[] => [
      // Padding lets it go on where nothing is left to halve.
      ...(i > 0 ? [{ type: 'max_pool', size: 2, padding: 'same' } as const] : []),
      { type: 'conv2d', filters, kernel: 3, padding: 'same', use_bias: false, name: `conv.${i}` },
      { type: 'batch_norm', name: `norm.${i}` },
      { type: 'relu' },
    ];
    return [[...input, ...channels.flatMap(block)], head(outputs, 'output')];
  },
});
