/** A job's curves as one table: a row an iteration, and what an epoch ended with in the row of its last one. */
import type { Cell, Columns } from '../columns.js';
import type { Curves } from '../history/curves.js';

/** A column by its name. */
export interface Column {
  name: string;
  /** Whether its values are whole numbers and always there. */
  whole: boolean;
  values: readonly Cell[];
}

/** The same columns again and again, some rows of them at a time; once at least. */
export type Tables = AsyncIterable<readonly Column[]>;

/** The table of some curves. */
export async function* tablesOf(curves: Curves): AsyncGenerator<readonly Column[]> {
  const { metrics } = curves;
  if (curves.length === 0) yield curveTable({ ...(await curves.columns()), epochs: [] }, metrics);
  for await (const block of curves.blocks()) yield curveTable(block, metrics);
}

/**
 * The columns of some iterations: `iteration`, `epoch`, `phase`, `raw_loss`, `loss`, `seconds`, the hypers (`lr`, or where there are several
 * parameter groups `lr_0`, `lr_1`, …), then `train_loss`, `valid_loss` and the `metrics` of the epochs.
 */
export function curveTable(
  { iteration, epoch, phase, raw_loss, loss, seconds, hypers, epochs }: Columns,
  metrics: readonly string[],
): Column[] {
  const column = (name: string, values: readonly Cell[], whole = false): Column => ({ name, values, whole });
  const rowOf = new Map(epoch.map((each, row) => [each, row]));
  const ofEpochs = (value: (each: Columns['epochs'][number]) => Cell | undefined): Cell[] => {
    const values = Array<Cell>(iteration.length).fill(null);
    for (const each of epochs) {
      const row = rowOf.get(each.epoch);
      if (row !== undefined) values[row] = value(each) ?? null;
    }
    return values;
  };
  return [
    column('iteration', iteration, true),
    column('epoch', epoch, true),
    column('phase', phase, true),
    column('raw_loss', raw_loss),
    column('loss', loss),
    column('seconds', seconds),
    ...Object.entries(hypers).flatMap(([name, groups]) =>
      groups.map((values, g) => column(groups.length > 1 ? `${name}_${g}` : name, values)),
    ),
    column(
      'train_loss',
      ofEpochs(({ train_loss }) => train_loss),
    ),
    column(
      'valid_loss',
      ofEpochs(({ valid_loss }) => valid_loss),
    ),
    ...metrics.map((name) =>
      column(
        name,
        ofEpochs((each) => each.metrics[name]),
      ),
    ),
  ];
}
