/** fastai's `FillMissing`: how a table's missing numbers are filled. `number-finder.ts` does it. */
import { Type, type Static } from 'typebox';
import { defaulted, Flag, oneOf, strict } from '../../../schema/fields.js';

/** fastai's strategies, and its arguments. */
export const FillMissingSchema = strict(
  {
    fill_strategy: defaulted(
      oneOf(['median', 'mode', 'constant'], {
        description:
          'What missing numbers become: the median or the most frequent value of the training rows, or `fill_vals`',
      }),
      'median',
    ),
    fill_vals: defaulted(
      Type.Record(Type.String(), Type.Number(), {
        description: 'Values by column, for `constant`; 0 for a column that is left out',
      }),
      {},
    ),
    add_col: defaulted(Flag('Whether to add a category NAME_na that marks missing values'), true),
  },
  { title: 'FillMissing', description: "Missing numbers of a table: fastai's FillMissing" },
);
/** As the schema says. */
export type FillMissing = Static<typeof FillMissingSchema>;
