/** fastai's `FillMissing`: how a table's missing numbers are filled. `number-finder.ts` does it. */
import { Type, type Static } from 'typebox';
import { defaulted, Flag, oneOf, strict } from '../../../schema/fields.js';

/** fastai's strategies, and its arguments. */
export const FillMissingSchema = strict(
  {
    fill_strategy: defaulted(
      oneOf(['median', 'mode', 'constant'], {
        description:
          'What missing numbers become: the median of the rows that train, their most frequent value, or `fill_vals`',
      }),
      'median',
    ),
    fill_vals: defaulted(
      Type.Record(Type.String(), Type.Number(), {
        description: 'By column, for `constant`; 0 where a column is left out',
      }),
      {},
    ),
    add_col: defaulted(Flag('Whether a category NAME_na says where a value was missing'), true),
  },
  { title: 'FillMissing', description: "Missing numbers of a table: fastai's FillMissing" },
);
/** As the schema says. */
export type FillMissing = Static<typeof FillMissingSchema>;
