/** Columns of a table by their names. */
import { OnecycleError } from '../../../errors.js';
import type { Column, Table } from '../../table/table.js';

/** @throws OnecycleError `bad_data` where the table has no such column */
export function columnOf({ columns }: Table, name: string): Column {
  const column = columns.find((each) => each.name === name);
  if (column === undefined) throw new OnecycleError('bad_data', `The table has no column ${JSON.stringify(name)}`);
  return column;
}

/** The values of a column of numbers or dates. @throws OnecycleError `bad_data` where there is none, or it is text */
export function numbersOf(table: Table, name: string): Float64Array {
  const column = columnOf(table, name);
  if (column.type !== 'text') return column.values;
  throw new OnecycleError('bad_data', `The column ${JSON.stringify(name)} must be numbers, but it is text`);
}
