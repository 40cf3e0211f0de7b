import { Type } from 'typebox';
import { Whole } from '../../schema/fields.js';
import { defineLayer } from './layer.js';
import { imageShape } from './shapes.js';

/** [height, width, channels] → [height + top + bottom, width + left + right, channels]. */
export const zeroPadding2d = defineLayer({
  type: 'zero_padding2d',
  description: 'Zeros around images',
  fields: {
    padding: Type.Union(
      [Whole('On each side'), Type.Array(Whole('Top, bottom, left, right'), { minItems: 4, maxItems: 4 })],
      { description: 'How many: a number for each side alike, or [top, bottom, left, right]' },
    ),
  },
  outputShape({ padding }, input) {
    const [height, width, channels] = imageShape('zero_padding2d', input);
    const [top, bottom, left, right] = sides(padding);
    return [height + top + bottom, width + left + right, channels];
  },
  build({ tf }, { padding }, { name }) {
    const [top, bottom, left, right] = sides(padding);
    return [
      tf.layers.zeroPadding2d({
        padding: [
          [top, bottom],
          [left, right],
        ],
        name,
      }),
    ];
  },
});

/** Top, bottom, left, right. */
const sides = (padding: number | number[]): number[] =>
  typeof padding === 'number' ? [padding, padding, padding, padding] : padding;
