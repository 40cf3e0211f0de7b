import { OnecycleError } from '../../errors.js';
import type { Column, TableSource } from './table.js';

/**
 * One column of a table, all of its `rows` in memory.
 * @throws OnecycleError `bad_data` where the table has no such column, or another number of rows
 */
export async function gatherColumn(source: TableSource, name: string, rows: number): Promise<Column> {
  /** Numbers, or places among the texts. */
  const values = new Float64Array(rows);
  const known = new Map<string, number>();
  let type: Column['type'] = 'number';
  let first = 0;
  for await (const part of source.parts()) {
    const column = part.columns.find((each) => each.name === name);
    if (!column) throw new OnecycleError('bad_data', `The table has no column ${JSON.stringify(name)}`);
    if (first + part.rows > rows) throw changed(rows);
    ({ type } = column);
    values.set(column.type === 'text' ? placesOf(column, known) : column.values, first);
    first += part.rows;
  }
  if (first < rows) throw changed(rows);
  return type === 'text'
    ? { name, type, codes: Int32Array.from(values), texts: [...known.keys()] }
    : { name, type, values };
}

/** What a part's codes are among the texts of all parts so far. */
function placesOf({ codes, texts }: Extract<Column, { type: 'text' }>, known: Map<string, number>): Int32Array {
  const places = texts.map((text) => {
    const place = known.get(text) ?? known.size;
    known.set(text, place);
    return place;
  });
  return codes.map((code) => places[code] ?? -1);
}

/** The value of a row as text; undefined where it is missing. Dates are ISO 8601. */
export function textAt(column: Column, row: number): string | undefined {
  if (column.type === 'text') return column.texts[column.codes[row]];
  const value = column.values[row];
  if (Number.isNaN(value)) return undefined;
  return column.type === 'date' ? new Date(value).toISOString() : String(value);
}

/** The error for a table that is not what it was. */
export const changed = (rows: number): OnecycleError =>
  new OnecycleError('bad_data', `The number of rows of the table has changed; it was ${rows}`);
