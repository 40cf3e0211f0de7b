/** A CSV whose columns are known, as parts of a table. */
import { child } from '../../../schema/json.js';
import { rowsPerPart, TableBuilder, type Cell } from '../../table/builder.js';
import type { Table, TableSource } from '../../table/table.js';
import { invalidFile } from '../problems.js';
import type { CsvDialect, FileContent, ReadColumn, Reading } from '../reading.js';
import { columnNames } from './names.js';
import { readRecords } from './records.js';
import { isMissing, readDate, readNumber } from './values.js';

/**
 * The columns of a reading that the file has. `parts` throws an OnecycleError `invalid_dataset` that names the row and
 * the column.
 */
export function readCsv(from: FileContent, { csv, columns }: Reading): TableSource {
  if (!csv) throw new Error('A CSV cannot be read without its dialect.');
  return { parts: () => partsOf(from, csv, columns) };
}

interface Place {
  at: number;
  column: ReadColumn;
}

async function* partsOf(from: FileContent, csv: CsvDialect, columns: readonly ReadColumn[]): AsyncGenerator<Table> {
  let places: Place[] | undefined;
  let builder: TableBuilder | undefined;
  let row = 0;
  for await (const record of readRecords(from, csv)) {
    if (!places) {
      const names = columnNames(record, csv);
      places = columns.map((column) => ({ at: names.indexOf(column.name), column })).filter(({ at }) => at >= 0);
      if (csv.header) continue;
    }
    const found = places.map(({ column }) => column);
    builder ??= new TableBuilder(found, rowsPerPart(found.length));
    row++;
    for (let i = 0; i < places.length; i++)
      builder.set(i, cellOf(record[places[i].at], places[i].column, csv.decimal, row));
    builder.next();
    if (builder.full) {
      yield builder.take();
      builder = undefined;
    }
  }
  if (builder && !builder.empty) yield builder.take();
}

function cellOf(
  text: string,
  { name, type, date_format: format = 'iso' }: ReadColumn,
  decimal: '.' | ',',
  row: number,
): Cell {
  if (isMissing(text)) return undefined;
  if (type === 'text') return text;
  const value = type === 'number' ? readNumber(text, decimal) : readDate(text, format);
  if (value !== undefined) return value;
  const wanted = type === 'number' ? 'a number' : `a date (${format})`;
  throw invalidFile(
    child(`/rows/${row}`, name),
    `Row ${row} of column ${JSON.stringify(name)} must be ${wanted}, not ${JSON.stringify(text.slice(0, 80))}`,
  );
}
