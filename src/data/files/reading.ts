/** How a file of a table is read: found out once, when it is uploaded, and kept with every job that trains on it. */
import { Type, type Static } from 'typebox';
import { Flag, oneOf, optional, strict } from '../../schema/fields.js';

/** Formats of tables, by content. */
export const tableFormats = ['csv', 'jsonl', 'parquet', 'arrow', 'arrow_stream', 'npy'] as const;
/** One of them. */
export type TableFormat = (typeof tableFormats)[number];

/** The ways in which a CSV writes its dates. */
export const dateFormats = ['iso', 'day.month.year', 'month/day/year', 'day/month/year'] as const;
/** One of them. */
export type DateFormat = (typeof dateFormats)[number];

/** What a CSV is read by. */
const csvFields = {
  delimiter: Type.String({
    minLength: 1,
    maxLength: 1,
    description: 'The separator of values: `,`, `;`, a tab or `|`',
  }),
  encoding: oneOf(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'], {
    description: 'Encoding of the text; `windows-1252` is Latin-1 with the characters that Windows adds',
  }),
  decimal: oneOf(['.', ','], { description: 'Decimal separator of the numbers' }),
  header: Flag('Whether the first row has the column names; otherwise they are `column_0`, `column_1`, …'),
};

/** What a client may say of a CSV, where guessing fails. */
export const CsvOptions = Type.Partial(strict(csvFields), { title: 'CsvOptions' });
/** As the schema says. */
export type CsvOptions = Static<typeof CsvOptions>;

/** How a CSV is read, all of it known. */
export const CsvDialect = strict(csvFields, { title: 'CsvDialect', description: 'How a CSV was read' });
/** As the schema says. */
export type CsvDialect = Static<typeof CsvDialect>;

/** A column that is read. */
export const ReadColumn = strict({
  name: Type.String(),
  type: oneOf(['number', 'text', 'date'], { description: 'Type of its values' }),
  integer: optional(Flag('For numbers: whether all are integers and none is missing')),
  date_format: optional(oneOf(dateFormats, { description: 'Format of dates that are written as text' })),
});
/** As the schema says. */
export type ReadColumn = Static<typeof ReadColumn>;

/** How a file of a table is read. */
export const Reading = strict(
  {
    format: oneOf(tableFormats, { description: 'Format of the file' }),
    csv: optional(CsvDialect),
    columns: Type.Array(ReadColumn, { description: 'The columns that are read; the others are left out' }),
  },
  { title: 'Reading', description: 'How the file of a table is read' },
);
/** As the schema says. */
export type Reading = Static<typeof Reading>;

/** A file on this machine, or what one holds. */
export type FileContent = string | Uint8Array;
