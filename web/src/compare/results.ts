/** What the runs were asked, where that differs, and what came of them. */
import type { Json } from '../form/schema.js';
import { differences, type Difference } from './diff.js';
import type { Run } from './runs.js';

/** Where the specs differ; a rate that a finder suggested counts as a part of them. */
export function differingSpecs(runs: readonly Run[]): Difference[] {
  return differences(
    runs.map(({ record: { spec, lr_find } }) => {
      // Through JSON, as the record's type is narrower than any JSON.
      const plain = JSON.parse(JSON.stringify({ ...spec, name: undefined })) as { readonly [key: string]: Json };
      return lr_find?.value === undefined ? plain : { ...plain, 'suggested lr': lr_find.value };
    }),
  );
}

/** The last value of every loss and metric. */
export function resultsOf(runs: readonly Run[]): Difference[] {
  const rows = runs.map(({ record, metrics }) => {
    const last = metrics.epochs.at(-1);
    const { train_loss = last?.train_loss, valid_loss = last?.valid_loss } = record.result ?? {};
    return { train_loss, valid_loss, ...(record.result?.metrics ?? last?.metrics) };
  });
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return names
    .map((path) => ({ path, values: rows.map((row) => valueAt(row, path)) }))
    .filter(({ values }) => values.some((value) => typeof value === 'number'));
}

/** Metrics that are no number, as a confusion matrix, are none of this table's. */
function valueAt(row: object, name: string): number | undefined {
  const found = Object.entries(row).find(([key]) => key === name)?.[1] as unknown;
  return typeof found === 'number' ? found : undefined;
}
