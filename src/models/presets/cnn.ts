import { positiveIntegers } from '../fields.js';
import type { LayerSpec } from '../spec.js';
import { asImage, definePreset, head, notAnImage } from './preset.js';

/** 3x3 convolutions with batch norm and ReLU, the resolution halved between them, a global average and a dense layer: body | head. */
export const cnn = definePreset(
  'cnn',
  { channels: positiveIntegers },
  ({ channels = [32, 64, 128] }, x_shape, outputs) => {
    const image = asImage(x_shape);
    if (!image) return notAnImage('cnn', x_shape);
    const block = (filters: number, i: number): LayerSpec[] => [
      // Padding lets it go on where nothing is left to halve.
      ...(i > 0 ? [{ type: 'max_pool', size: 2, padding: 'same' } as const] : []),
      { type: 'conv2d', filters, kernel: 3, padding: 'same', use_bias: false },
      { type: 'batch_norm' },
      { type: 'relu' },
    ];
    return [[...image, ...channels.flatMap(block)], head(outputs)];
  },
);
