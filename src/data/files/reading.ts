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
    description: 'What stands between two values: `,`, `;`, a tab, `|`',
  }),
  encoding: oneOf(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'], {
    description: 'Of the text; `windows-1252` is Latin-1 with the signs that Windows adds',
  }),
  decimal: oneOf(['.', ','], { description: 'The decimal sign of its numbers' }),
  header: Flag('Whether its first row names the columns; else they are `column_0`, `column_1`, …'),
};

/** What a client may say of a CSV, where guessing fails. */
export const CsvOptions = Type.Partial(strict(csvFields), { title: 'CsvOptions' });
/** As the schema says. */
export type CsvOptions = Static<typeof CsvOptions>;

/** How a CSV is read, all of it known. */
export const CsvDialect = strict(csvFields, { title: 'CsvDialect', description: 'How a CSV is read' });
/** As the schema says. */
export type CsvDialect = Static<typeof CsvDialect>;

/** A column that is read. */
export const ReadColumn = strict({
  name: Type.String(),
  type: oneOf(['number', 'text', 'date'], { description: 'What its values are' }),
  integer: optional(Flag('Of numbers: whether all are whole and none is missing')),
  date_format: optional(oneOf(dateFormats, { description: 'How dates are written, where they are text' })),
});
/** As the schema says. */
export type ReadColumn = Static<typeof ReadColumn>;

/** How a file of a table is read. */
export const Reading = strict(
  {
    format: oneOf(tableFormats, { description: 'What the file is' }),
    csv: optional(CsvDialect),
    columns: Type.Array(ReadColumn, { description: 'Those that are read; others of the file are left out' }),
  },
  { title: 'Reading', description: 'How a file of a table is read' },
);
/** As the schema says. */
export type Reading = Static<typeof Reading>;

/** A file on this machine, or what one holds. */
export type FileContent = string | Uint8Array;
