/** fastai's `FillMissing`: what stands for a column's missing values. */
import { Type, type Static } from 'typebox';
import { defaulted, Flag, oneOf } from '../../../schema/fields.js';
import { strict } from '../../../schema/fields.js';
import type { Complete } from '../../../schema/complete.js';

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

/** What stands for a missing value, where a column has these others in the rows that train. Without any it is 0. */
export function fillOf(
  values: Float64Array,
  name: string,
  { fill_strategy, fill_vals }: Complete<typeof FillMissingSchema>,
): number {
  if (fill_strategy === 'constant') return Object.hasOwn(fill_vals, name) ? fill_vals[name] : 0;
  if (values.length === 0) return 0;
  return fill_strategy === 'median' ? median(values) : mode(values);
}

/** The middle of the values in order; of an even number of them, the mean of the two. */
function median(values: Float64Array): number {
  const sorted = values.toSorted();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The most frequent value; of several that are, the one that comes first. */
function mode(values: Float64Array): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, each) => (each[1] > best[1] ? each : best))[0];
}
