/** Fits a table's processing to the rows that train, in one pass over its parts. */
import { complete, type Complete } from '../../../schema/complete.js';
import type { Table, TableSource } from '../../table/table.js';
import { CategoryFinder } from './categorify.js';
import { columnOf, numbersOf } from './columns.js';
import { fillOf, FillMissingSchema, type FillMissing } from './fill-missing.js';
import { momentsOf } from './normalize.js';
import type { Continuous, TableProcessing, TableTarget } from './spec.js';

/** What the columns of a table are for. */
export interface TableRoles {
  categorical: readonly string[];
  continuous: readonly string[];
  target: { kind: 'classes'; column: string } | { kind: 'values'; columns: readonly string[] };
  /** How missing numbers are filled; left out: fastai's defaults. */
  fill_missing?: FillMissing;
}

/** A processing, and how many rows there were. */
export interface FittedTable {
  processing: TableProcessing;
  rows: number;
}

/**
 * Fits the processing of a table. Categories, fills, means and deviations are those of the rows in `train`; the classes
 * to predict are those of all rows, so that one that only validates has an index too.
 * @throws OnecycleError `bad_data` where a column is missing, or not of the type that its role needs
 */
export async function fitTable(source: TableSource, train: Int32Array, roles: TableRoles): Promise<FittedTable> {
  const trains = maskOf(train);
  const categories = roles.categorical.map((name) => ({ name, finder: new CategoryFinder() }));
  const numbers = roles.continuous.map((name) => new NumberFinder(name));
  const classes = new CategoryFinder();
  let rows = 0;
  for await (const part of source.parts()) {
    const first = rows;
    const counts = (row: number) => trains[first + row] === 1;
    for (const { name, finder } of categories) finder.add(columnOf(part, name), counts);
    for (const finder of numbers) finder.add(part, counts);
    if (roles.target.kind === 'classes') classes.add(columnOf(part, roles.target.column), () => true);
    rows += part.rows;
  }
  const fill = complete(FillMissingSchema, roles.fill_missing ?? {});
  const processing: TableProcessing = {
    kind: 'table',
    categorical: categories.map(({ name, finder }) => ({ name, ...finder.take() })),
    continuous: numbers.map((finder) => finder.take(fill)),
    target: targetOf(roles.target, classes),
  };
  return { processing, rows };
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

/** The numbers that a column has in the rows that train. */
class NumberFinder {
  private values = new Float64Array(1024);
  private count = 0;
  private missing = 0;
  private type: Continuous['type'] = 'number';

  constructor(private readonly name: string) {}

  add(part: Table, counts: (row: number) => boolean): void {
    const values = numbersOf(part, this.name);
    if (columnOf(part, this.name).type === 'date') this.type = 'date';
    for (let row = 0; row < part.rows; row++) {
      if (!counts(row)) continue;
      if (Number.isNaN(values[row])) this.missing++;
      else this.push(values[row]);
    }
  }

  take(options: Complete<typeof FillMissingSchema>): Continuous {
    const { name, type, missing } = this;
    const values = this.values.subarray(0, this.count);
    const fill = fillOf(values, name, options);
    return { name, type, fill, marked: options.add_col && missing > 0, ...momentsOf(values, missing, fill) };
  }

  private push(value: number): void {
    if (this.count === this.values.length) {
      const more = new Float64Array(2 * this.count);
      more.set(this.values);
      this.values = more;
    }
    this.values[this.count++] = value;
  }
}
