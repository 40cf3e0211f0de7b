/** What the columns of a CSV are, by all of their values. */
import type { CsvDialect, CsvOptions, DateFormat, FileContent, ReadColumn } from '../reading.js';
import { dateFormats } from '../reading.js';
import { checkColumns } from '../columns.js';
import { invalidFile } from '../problems.js';
import type { FoundReading } from '../format.js';
import { dialectOf } from './dialect.js';
import { columnNames, isUnnamed } from './names.js';
import { readRecords } from './records.js';
import { isMissing, isWhole, readDate, readNumber } from './values.js';

/**
 * Reads a CSV once to know how it is to be read.
 * @throws OnecycleError `invalid_dataset` where it is empty, or a row has more or fewer values than the others
 */
export async function findCsvReading(from: FileContent, given: CsvOptions): Promise<FoundReading> {
  const csv = await dialectOf(from, given);
  let columns: ColumnEvidence[] | undefined;
  let rows = 0;
  for await (const record of readRecords(from, csv)) {
    if (columns === undefined) checkColumns(record);
    const isHeader = columns === undefined && csv.header;
    columns ??= columnNames(record, csv).map((name) => new ColumnEvidence(name, csv.decimal));
    if (isHeader) continue;
    rows++;
    for (let i = 0; i < record.length; i++) columns[i].look(record[i], rows);
  }
  if (!columns || rows === 0)
    throw invalidFile('', 'The file has no rows: it must have rows of values below the column names');
  return resultOf(csv, columns, given);
}

function resultOf(csv: CsvDialect, columns: ColumnEvidence[], given: CsvOptions): FoundReading {
  const notes: string[] = [];
  const isIndex = columns.length > 1 && columns[0].isIndex;
  if (isIndex) notes.push(`The first column has no name and counts the rows; it was taken for an index and left out.`);
  const kept = isIndex ? columns.slice(1) : columns;
  for (const column of kept) notes.push(...column.notes());
  if (csv.encoding === 'windows-1252' && given.encoding === undefined)
    notes.push('The file is not UTF-8; it was read as Latin-1 (windows-1252).');
  return { reading: { format: 'csv', csv, columns: kept.map((column) => column.found()) }, notes };
}

/** What speaks for and against each type, value by value. */
class ColumnEvidence {
  #present = 0;
  #missing = 0;
  #whole = true;
  #notNumbers = 0;
  #firstNotNumber: { row: number; text: string } | undefined;
  #dates: readonly DateFormat[] = dateFormats;
  #counts = true;
  #start: number | undefined;

  constructor(
    readonly name: string,
    private readonly decimal: '.' | ',',
  ) {}

  look(text: string, row: number): void {
    if (isMissing(text)) {
      this.#missing++;
      this.#counts = false;
      return;
    }
    this.#present++;
    const number = readNumber(text, this.decimal);
    this.#start ??= number ?? NaN;
    this.#counts &&= number === this.#start + row - 1;
    if (number === undefined) {
      this.#notNumbers++;
      this.#firstNotNumber ??= { row, text };
      if (this.#dates.length > 0) this.#dates = this.#dates.filter((format) => readDate(text, format) !== undefined);
    } else {
      this.#dates = [];
      this.#whole &&= isWhole(text);
    }
  }

  /** Whether it is an index that was saved with the table. */
  get isIndex(): boolean {
    return isUnnamed(this.name) && this.#counts && (this.#start === 0 || this.#start === 1);
  }

  found(): ReadColumn {
    const { name } = this;
    if (this.#notNumbers === 0) return { name, type: 'number', integer: this.#whole && this.#missing === 0 };
    const date_format = this.#dates.at(0);
    return date_format === undefined ? { name, type: 'text' } : { name, type: 'date', date_format };
  }

  notes(): string[] {
    const { name } = this;
    if (this.#present === 0) return [`Column ${JSON.stringify(name)} has no values.`];
    if (this.#dates.includes('month/day/year') && this.#dates.includes('day/month/year') && this.#notNumbers > 0)
      return [
        `The dates of column ${JSON.stringify(name)} may have the day or the month first; they were read with the month first.`,
      ];
    const few = this.#notNumbers > 0 && this.#notNumbers <= 0.05 * this.#present;
    if (!few || !this.#firstNotNumber) return [];
    const { row, text } = this.#firstNotNumber;
    const values = this.#notNumbers === 1 ? 'one value is not' : `${this.#notNumbers} values are not`;
    return [
      `Column ${JSON.stringify(name)} would be a column of numbers, but ${values}: row ${row} has ${JSON.stringify(text.slice(0, 40))}. ` +
        'It was read as text; leave missing values empty.',
    ];
  }
}
