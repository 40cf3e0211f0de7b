/** A file of a table, whatever its format. */
import type { Table, TableSource } from '../table/table.js';
import { checkColumns } from './columns.js';
import type { Format, FoundReading } from './format.js';
import type { CsvOptions, FileContent, Reading, TableFormat } from './reading.js';

/** A new format is a file beside these and a line here. Each is loaded when it is first needed: libraries are large. */
const formats: Readonly<Record<TableFormat, () => Promise<Format>>> = {
  csv: async () => (await import('./csv/index.js')).csv,
  jsonl: async () => (await import('./jsonl.js')).jsonl,
  parquet: async () => (await import('./parquet.js')).parquet,
  arrow: async () => (await import('./arrow.js')).arrow,
  arrow_stream: async () => (await import('./arrow.js')).arrowStream,
  npy: async () => (await import('./npy.js')).npy,
};

/**
 * Finds out how a file of a table is read: its columns and their types.
 * @param given what is known of a CSV
 * @throws OnecycleError `invalid_dataset`
 */
export const findReading = async (
  from: FileContent,
  format: TableFormat,
  given: CsvOptions = {},
): Promise<FoundReading> => {
  const found = await (await formats[format]()).find(from, given);
  checkColumns(found.reading.columns.map(({ name }) => name));
  return found;
};

/**
 * The columns of a reading that a file has, in parts. Another file than the reading's own may be given (rows to predict,
 * rows that validate): columns are found by their names. `parts` throws OnecycleError `invalid_dataset` with the row and
 * the column.
 */
export const readTable = (from: FileContent, reading: Reading): TableSource => ({
  async *parts(): AsyncGenerator<Table> {
    yield* (await formats[reading.format]()).read(from, reading).parts();
  },
});
