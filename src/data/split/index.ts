/** Which rows train and which validate. */
import { Type, type Static, type TSchema } from 'typebox';
import { invalidSpec, invalidSpecs } from '../../errors.js';
import { fieldProblemsOf } from '../../schema/check.js';
import { complete } from '../../schema/complete.js';
import { Count, Sha256, strict } from '../../schema/fields.js';
import { Reading } from '../files/reading.js';
import {
  ColumnSplit,
  columnSplit,
  DatasetSplit,
  FilesSplit,
  filesSplit,
  FolderSplit,
  folderSplit,
  sizes,
} from './by-data.js';
import { defaultValidPct, firstRowsSplit, FirstRowsSplit, randomRows, RandomSplit, randomSplit } from './random.js';
import type { RowFacts, SplitRows } from './rows.js';
import { StratifiedSplit, stratifiedRows, stratifiedSplit } from './stratified.js';

export type { RowFacts, SplitRows } from './rows.js';

const description = 'Which rows are for training and which for validation';

/** What a client may write for a split. */
export const SplitSchema = Type.Union(
  [RandomSplit, FirstRowsSplit, StratifiedSplit, ColumnSplit, FilesSplit, FolderSplit, DatasetSplit],
  { description },
);
/** As the schema says. */
export type SplitRequest = Static<typeof SplitSchema>;

/** A split with its seed filled in, as a job's record has it; of one that the data say, with how many rows it gives. */
export const SplitSpecSchema = Type.Union(
  [
    Type.Required(RandomSplit, { title: 'RandomSplitSpec', description: randomRows }),
    FirstRowsSplit,
    Type.Required(StratifiedSplit, { title: 'StratifiedSplitSpec', description: stratifiedRows }),
    strict({ ...ColumnSplit.properties, sizes }, { title: 'ColumnSplitSpec' }),
    strict({ ...FilesSplit.properties, sizes }, { title: 'FilesSplitSpec' }),
    strict({ ...FolderSplit.properties, sizes }, { title: 'FolderSplitSpec' }),
    strict(
      {
        ...DatasetSplit.properties,
        sizes,
        stored: strict({ sha256: Sha256('The file'), rows: Count('Number of rows'), reading: Type.Optional(Reading) }),
      },
      { title: 'DatasetSplitSpec' },
    ),
  ],
  { description },
);
/** As the schema says. */
export type Split = Static<typeof SplitSpecSchema>;

/** A split that says by itself what it does; the others are for the request's `resolveSplit`. */
export type PlainSplit = Exclude<Split, { sizes: unknown }>;

/** A split as a request has it, whose rows are said by the data. */
export type SplitByData = Extract<
  SplitRequest,
  { column: string } | { files: string[] } | { folder: unknown } | { dataset: string }
>;

/** Whether a split's rows are said by the data. */
export const isByData = (split: SplitRequest): split is SplitByData =>
  'column' in split || 'files' in split || 'folder' in split || 'dataset' in split;

/** A split with its defaults filled in: without one, a fifth of the rows validates. */
export function completeSplit(split: Exclude<SplitRequest, SplitByData> = { valid_pct: defaultValidPct }): PlainSplit {
  if ('train_rows' in split) return split;
  return 'stratified' in split ? complete(StratifiedSplit, split) : complete(RandomSplit, split);
}

/** How many of so many rows train: as fastai's RandomSplitter cuts. Whether there are so many is another matter. */
export function trainRows(split: Split, rows: number): number {
  if ('sizes' in split) return split.sizes.train;
  return 'train_rows' in split ? split.train_rows : rows - Math.floor(split.valid_pct * rows);
}

/** How many of so many rows validate. */
export const validRows = (split: Split, rows: number): number =>
  'sizes' in split ? split.sizes.valid : rows - trainRows(split, rows);

const plainSchemas = (split: PlainSplit): TSchema =>
  'train_rows' in split ? FirstRowsSplit : 'stratified' in split ? StratifiedSplit : RandomSplit;

/**
 * How many rows each side of a split has.
 * @throws OnecycleError `invalid_spec`, pointers from the job's spec on
 */
export function splitSizes(rows: number, split: Split): { train: number; valid: number } {
  if ('sizes' in split) return split.sizes;
  const problems = fieldProblemsOf(plainSchemas(split), split);
  if (problems.length > 0)
    throw invalidSpecs(problems.map(({ pointer, detail }) => ({ pointer: `/split${pointer}`, detail })));
  const train = trainRows(split, rows);
  if (train > rows)
    throw invalidSpec('/split/train_rows', `must be at most ${rows}, the number of rows of the data set`);
  return { train, valid: rows - train };
}

/**
 * Which rows train and which validate. Rows that a second data set adds come after the others, `rows` in all.
 * @throws OnecycleError as `splitSizes`
 */
export function splitRows(rows: number, split: Split, facts: RowFacts = {}): SplitRows {
  const { train } = splitSizes(rows, split);
  if ('train_rows' in split || 'dataset' in split) return firstRowsSplit(rows, train);
  if ('stratified' in split) return stratifiedSplit(rows, split, facts);
  if ('column' in split) return columnSplit(rows, split, facts);
  if ('files' in split) return filesSplit(rows, split, facts);
  return 'folder' in split ? folderSplit(rows, split, facts) : randomSplit(rows, split);
}
