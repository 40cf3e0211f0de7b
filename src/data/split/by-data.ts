/** Splits that the data themselves say. */
import { posix } from 'node:path';
import { Type, type Static } from 'typebox';
import { textAt } from '../table/gather.js';
import { optional, strict, Whole } from '../../schema/fields.js';
import type { RowFacts, SplitRows } from './rows.js';

const Name = Type.String({ minLength: 1 });
const Names = (description: string) => Type.Array(Name, { minItems: 1, description });

/** A column of the table says which rows validate. */
export const ColumnSplit = strict(
  {
    column: Type.String({
      minLength: 1,
      description: 'Rows whose value in this column is true (true, yes, 1) are for validation',
      examples: ['is_valid'],
    }),
    on: optional(Names('Values of the column that mark validation rows, instead of true')),
  },
  { title: 'ColumnSplit', description: "A column marks the validation rows: fastai's ColSplitter" },
);
/** A list of pictures validates. */
export const FilesSplit = strict(
  { files: Names('Validation pictures, by path in the archive or by name') },
  { title: 'FilesSplit', description: "A list of files is for validation: fastai's FileSplitter" },
);
/** Folders say which pictures train and which validate. */
export const FolderSplit = strict(
  {
    folder: strict({
      train: Type.String({ minLength: 1, description: 'Folder of the training pictures' }),
      valid: Type.String({ minLength: 1, description: 'Folder of the validation pictures' }),
    }),
  },
  {
    title: 'FolderSplit',
    description: "The folder above the class folder decides: fastai's GrandparentSplitter. Other pictures are left out",
  },
);
/** Another data set validates. */
export const DatasetSplit = strict(
  {
    dataset: Type.String({
      minLength: 1,
      description: 'Id of an uploaded data set with the same columns, to validate on',
    }),
  },
  { title: 'DatasetSplit', description: 'A second data set is used for validation' },
);

/** How many rows each side has, as it was counted when the job was posted. */
export const sizes = strict({ train: Whole('Training rows'), valid: Whole('Validation rows') });

/** As the schemas say. */
export type ColumnSplit = Static<typeof ColumnSplit>;
/** As the schema says. */
export type FilesSplit = Static<typeof FilesSplit>;
/** As the schema says. */
export type FolderSplit = Static<typeof FolderSplit>;

const yes = new Set(['true', 'yes', 'y', 't', '1', '1.0']);
const no = new Set(['false', 'no', 'n', 'f', '0', '0.0']);

/** Whether a row of such a value validates; undefined where the value says neither. */
export function validates(value: string, { on }: ColumnSplit): boolean | undefined {
  if (on) return on.includes(value);
  const word = value.trim().toLowerCase();
  return yes.has(word) ? true : no.has(word) ? false : undefined;
}

/** A row whose value is missing trains. */
export function columnSplit(rows: number, split: ColumnSplit, { column }: RowFacts): SplitRows {
  if (!column) throw new Error('This split needs the column that it goes by.');
  return partition(rows, (row) => validates(textAt(column, row) ?? '', split) === true);
}

/** Pictures of the list validate. */
export function filesSplit(rows: number, { files }: FilesSplit, { names }: RowFacts): SplitRows {
  const listed = new Set(files);
  return partition(rows, (row) => isListed(listed, names?.[row] ?? ''));
}

/** Whether a list has a picture, by its path or its name. */
export const isListed = (listed: ReadonlySet<string>, name: string): boolean =>
  listed.has(name) || listed.has(posix.basename(name));

/** The folder above the one that a file lies in. */
export const grandparent = (name: string): string => posix.basename(posix.dirname(posix.dirname(name)));

/** Pictures below neither folder are in neither side. */
export function folderSplit(rows: number, { folder }: FolderSplit, { names = [] }: RowFacts): SplitRows {
  const within = (wanted: string) =>
    Int32Array.from({ length: rows }, (_, row) => row).filter((row) => grandparent(names[row]) === wanted);
  return { train: within(folder.train), valid: within(folder.valid) };
}

function partition(rows: number, isValid: (row: number) => boolean): SplitRows {
  const all = Int32Array.from({ length: rows }, (_, row) => row);
  const valid = all.filter(isValid);
  return { train: all.filter((row) => !isValid(row)), valid };
}
