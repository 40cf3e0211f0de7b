import { Count, Whole } from '../../schema/fields.js';
import { defineLayer } from './layer.js';
import { ShapeError, shapeText } from './shapes.js';

/** [n] → [count]. */
export const columns = defineLayer({
  type: 'columns',
  description: 'Some of the numbers of a row: adjacent columns of a table',
  fields: { from: Whole('Index of the first column, from 0'), count: Count('Number of columns') },
  outputShape({ from, count }, input) {
    if (input.length !== 1) throw new ShapeError('', `columns takes [n], not ${shapeText(input)}: flatten first`);
    if (from + count > input[0])
      throw new ShapeError('count', `columns ${from} to ${from + count - 1} are outside of ${shapeText(input)}`);
    return [count];
  },
  build: ({ layers }, { from, count }, { name }) => [layers.columns({ from, count, name })],
});
