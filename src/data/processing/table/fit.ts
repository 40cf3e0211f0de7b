/** Fits a table's processing to the rows that train, in one pass over its parts. */
import { complete } from '../../../schema/complete.js';
import type { TableSource } from '../../table/table.js';
import { CategoryFinder } from './categorify.js';
import { columnOf } from './columns.js';
import { FillMissingSchema, type FillMissing } from './fill-missing.js';
import { NumberFinder } from './number-finder.js';
import type { TableProcessing, TableTarget } from './spec.js';

/** What the columns of a table are for. */
export interface TableRoles {
  categorical: readonly string[];
  continuous: readonly string[];
  target: { kind: 'classes'; column: string } | { kind: 'values'; columns: readonly string[] };
  /** How missing numbers are filled; left out: fastai's defaults. */
  fill_missing?: FillMissing;
}

/**
 * Fits the processing of a table. Categories, fills, means and deviations are those of the rows in `train`; the classes
 * to predict are those of all rows, so that one that only validates has an index too.
 * @throws OnecycleError `bad_data` where a column is missing, or not of the type that its role needs
 */
export async function fitTable(source: TableSource, train: Int32Array, roles: TableRoles): Promise<TableProcessing> {
  const trains = maskOf(train);
  const fill = complete(FillMissingSchema, roles.fill_missing ?? {});
  const categories = roles.categorical.map((name) => ({ name, finder: new CategoryFinder() }));
  const numbers = roles.continuous.map((name) => new NumberFinder(name, fill));
  const classes = new CategoryFinder();
  let first = 0;
  for await (const part of source.parts()) {
    const start = first;
    const counts = (row: number) => trains[start + row] === 1;
    for (const { name, finder } of categories) finder.add(columnOf(part, name), counts);
    for (const finder of numbers) finder.add(part, counts);
    if (roles.target.kind === 'classes') classes.add(columnOf(part, roles.target.column), () => true);
    first += part.rows;
  }
  return {
    kind: 'table',
    categorical: categories.map(({ name, finder }) => ({ name, ...finder.take() })),
    continuous: numbers.map((finder) => finder.take()),
    target: targetOf(roles.target, classes),
  };
}

/** 1 where a row is among these. */
function maskOf(rows: Int32Array): Uint8Array {
  const mask = new Uint8Array(rows.reduce((most, row) => Math.max(most, row + 1), 0));
  for (const row of rows) mask[row] = 1;
  return mask;
}

const targetOf = (target: TableRoles['target'], classes: CategoryFinder): TableTarget =>
  target.kind === 'classes'
    ? { kind: 'classes', name: target.column, ...classes.take() }
    : { kind: 'values', names: [...target.columns] };
