/** What is known of an uploaded file: found out once, by reading all of it. */
import { Type, type Static, type TObject } from 'typebox';
import { Flag, MaybeNumber, nullable, oneOf, optional, strict, Whole } from '../../schema/fields.js';
import { Reading, tableFormats } from '../files/reading.js';
import { uploadKinds } from '../sources/uploaded.js';

/** What a file may be. */
export const fileFormats = [...tableFormats, 'npz', 'zip', 'tar', 'tar.gz'] as const;
/** One of them. */
export type FileFormat = (typeof fileFormats)[number];

const extreme = (which: string) =>
  nullable(Type.Union([Type.Number(), Type.String()]), {
    description: `The ${which}: a number, or the timestamp of a date; null if there are no values`,
  });

/** A column of a table. */
export const ColumnInfo = Type.Object(
  {
    name: Type.String(),
    type: oneOf(['number', 'category', 'text', 'date'], {
      description: '`category`: text with few distinct values; `text`: with many',
    }),
    missing: Whole('Rows without a value'),
    unique: Whole('Number of distinct values'),
    approximate: optional(Flag('Whether `unique` is an estimate: there are more than 65,536')),
    integer: optional(Flag('For numbers: whether all are integers and none is missing')),
    min: optional(extreme('smallest value')),
    max: optional(extreme('largest value')),
    mean: optional(MaybeNumber('Mean of the numbers')),
    median: optional(MaybeNumber('Median of the numbers')),
    median_of_every: optional(Whole('Present if there are too many rows: the median is that of every so many rows')),
    values: optional(Type.Array(Type.String(), { description: 'For a category: its values, sorted; at most 100' })),
  },
  { title: 'ColumnInfo' },
);
/** As the schema says. */
export type ColumnInfo = Static<typeof ColumnInfo>;

/** A label, and how many rows have it. */
export const ClassInfo = strict({ name: Type.String(), rows: Whole('Number of rows') }, { title: 'ClassInfo' });
/** As the schema says. */
export type ClassInfo = Static<typeof ClassInfo>;

const Row = Type.Record(Type.String(), Type.Unknown(), {
  description: 'Values by column; for a picture its file and size',
});

/** What a client sees of a file's content. */
export const profileFields = {
  kind: oneOf(uploadKinds, { description: 'Contents of the file' }),
  format: oneOf(fileFormats, { description: 'Format of the file' }),
  rows: Whole('Rows of a table or of arrays, or pictures'),
  columns: optional(Type.Array(ColumnInfo, { description: 'For a table: its columns' })),
  classes: optional(
    Type.Array(ClassInfo, {
      description:
        'For images: the folders that they are in; for arrays: the classes of y, if it has classes. At most 100',
    }),
  ),
  x_shape: optional(Type.Array(Whole('Length of an axis'), { description: 'For arrays: the shape of one row of x' })),
  reading: optional(Reading),
  notes: Type.Array(Type.String(), { description: 'What was left out or may have been misread' }),
  preview: Type.Array(Row, { description: 'The first rows' }),
};

/** The same, as a type. */
export type PublicProfile = Static<TObject<typeof profileFields>>;

/** What is kept of a column beside that: its values with their rows, sorted, where they are few enough. */
export interface KeptColumn extends Omit<ColumnInfo, 'values'> {
  values?: ClassInfo[];
}

/** All that is kept of a file. */
export interface Profile extends Omit<PublicProfile, 'columns'> {
  columns?: KeptColumn[];
  /** Of arrays: whether y is a list of whole numbers, how many it has a row, and between which they lie. */
  arrays?: { integers: boolean; outputs: number; min: number; max: number };
}

/** How many values or classes a client sees. */
const shownValues = 100;

/** What a client sees of a profile. */
export function publicOf({ arrays: _arrays, columns, classes, ...profile }: Profile): PublicProfile {
  return {
    ...profile,
    ...(columns && {
      columns: columns.map(({ values, ...column }) => ({
        ...column,
        ...(values && column.type === 'category' && { values: values.slice(0, shownValues).map(({ name }) => name) }),
      })),
    }),
    ...(classes && { classes: classes.slice(0, shownValues) }),
  };
}
