/** The records of a CSV, quotes and newlines in them included. */
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { CsvError, parse, type Options } from 'csv-parse';
import { parse as parseSync } from 'csv-parse/sync';
import { invalidFile, messageOf } from '../problems.js';
import type { CsvDialect, FileContent } from '../reading.js';
import { textOf } from './text.js';

/** Longer than any row that is meant: a quote that is never closed would make one of the rest of the file. */
const maxRecordCharacters = 16 * 2 ** 20;

const optionsOf = (delimiter: string): Options => ({
  delimiter,
  bom: true,
  relax_column_count: true,
  relax_quotes: true,
  skip_empty_lines: true,
  max_record_size: maxRecordCharacters,
});

/** The records of a whole text, however many values each has; of one that breaks off in a quote, those before. */
export function recordsOf(text: string, delimiter: string): string[][] {
  const records: string[][] = [];
  try {
    parseSync(text, { ...optionsOf(delimiter), on_record: (record: string[]) => void records.push(record) });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
  }
  return records;
}

/** Whether a first record is the line in which Excel says the delimiter, `sep=;`, read by that delimiter. */
export const saysDelimiter = (record: readonly string[] | undefined): boolean =>
  record?.length === 2 && /^sep=$/i.test(record[0]) && record[1] === '';

/**
 * The records of a file, its header included where it has one. All have as many values as the first.
 * @throws OnecycleError `invalid_dataset` that names the row, counted from 1 after the header
 */
export async function* readRecords(from: FileContent, dialect: CsvDialect): AsyncGenerator<string[]> {
  const parser = parse(optionsOf(dialect.delimiter));
  // What ends it early, its reader hears from the parser.
  pipeline(Readable.from(textOf(from, dialect.encoding)), parser).catch(() => undefined);
  let row = dialect.header ? -1 : 0;
  let width: number | undefined;
  try {
    let first = true;
    for await (const record of parser as AsyncIterable<string[]>) {
      const skipped = first && saysDelimiter(record);
      first = false;
      if (skipped) continue;
      row++;
      width ??= record.length;
      if (record.length !== width) throw ragged(row, record, width, dialect);
      yield record;
    }
  } catch (error) {
    throw error instanceof CsvError ? unreadable(row + 1, error) : error;
  }
}

function ragged(row: number, record: string[], width: number, { delimiter, header }: CsvDialect): Error {
  const many = (count: number): string => `${count} value${count === 1 ? '' : 's'}`;
  const like = header ? 'the header' : 'the first row';
  const shown = record.join(delimiter).slice(0, 80);
  return invalidFile(
    `/rows/${row}`,
    `Row ${row} has ${many(record.length)}, and ${like} has ${width}: every row must have the same number, with text that contains ` +
      `the delimiter ${JSON.stringify(delimiter)} in quotes. It begins with ${JSON.stringify(shown)}`,
  );
}

function unreadable(row: number, error: CsvError): Error {
  const detail =
    error.code === 'CSV_QUOTE_NOT_CLOSED' || error.code === 'CSV_MAX_RECORD_SIZE'
      ? `Row ${row} has a quote that is never closed: close it, or double it ("") if it is part of the text`
      : `Row ${row} cannot be read: ${messageOf(error)}`;
  return invalidFile(`/rows/${row}`, detail, error);
}
