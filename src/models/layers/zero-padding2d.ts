import { Type } from 'typebox';
import { Whole } from '../../schema/fields.js';
import { defineLayer } from './layer.js';
import { imageShape } from './shapes.js';

/** [height, width, channels] → [height + top + bottom, width + left + right, channels]. */
export const zeroPadding2d = defineLayer({
  type: 'zero_padding2d',
  description: 'Adds a border of zeros around images',
  fields: {
    padding: Type.Union([Whole('On each side'), Type.Array(Whole('On a side'), { minItems: 4, maxItems: 4 })], {
      description: 'Width of the border: one number for all sides, or [top, bottom, left, right]',
    }),
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

/** How many on each side. */
type Sides = [top: number, bottom: number, left: number, right: number];
/** The padding of each side. */
export const sides = (padding: number | readonly number[]): Sides => {
  const [top, bottom, left, right] = typeof padding === 'number' ? Array<number>(4).fill(padding) : padding;
  return [top, bottom, left, right];
};
