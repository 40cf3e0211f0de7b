/** Which rows train and which validate. */
import { Type, type Static, type TSchema } from 'typebox';
import { invalidSpec, invalidSpecs } from '../errors.js';
import { permutation } from '../numbers/random.js';
import { fieldProblemsOf } from '../schema/check.js';
import { complete } from '../schema/complete.js';
import { Count, defaulted, Seed, strict } from '../schema/fields.js';

/** The part that validates where a request names none: fastai's. */
const defaultValidPct = 0.2;

/** A part of the rows, drawn at random, validates. */
const randomRows = "Rows drawn at random validate: fastai's RandomSplitter";
const RandomSplit = strict(
  {
    valid_pct: Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      default: defaultValidPct,
      description: 'Part of the rows that validates, rounded down to whole rows',
    }),
    seed: defaulted(Seed('Seed that these rows are drawn by, 0 to 2^32 - 1'), 42),
  },
  { title: 'RandomSplit', description: randomRows },
);

/** How many of the first rows train; the others validate. */
const FirstRowsSplit = strict(
  { train_rows: Count('How many of the first rows train; the others validate') },
  { title: 'FirstRowsSplit', description: 'The first rows train' },
);

const description = 'Which rows train and which validate';

/** What a client may write for a split. */
export const SplitSchema = Type.Union([RandomSplit, FirstRowsSplit], { description });
/** As the schema says. */
export type SplitRequest = Static<typeof SplitSchema>;

/** A split with its seed filled in, as a job's record has it. */
export const SplitSpecSchema = Type.Union(
  [Type.Required(RandomSplit, { title: 'RandomSplitSpec', description: randomRows }), FirstRowsSplit],
  { description },
);
/** As the schema says. */
export type Split = Static<typeof SplitSpecSchema>;

/** A split with its defaults filled in: without one, a fifth of the rows validates. */
export const completeSplit = (split: SplitRequest = { valid_pct: defaultValidPct }): Split =>
  'train_rows' in split ? split : complete(RandomSplit, split);

/** Indexes of rows. */
export interface SplitRows {
  train: Int32Array;
  valid: Int32Array;
}

/** How many of so many rows train: as fastai's RandomSplitter cuts. Whether there are so many is another matter. */
export const trainRows = (split: Split, rows: number): number =>
  'train_rows' in split ? split.train_rows : rows - Math.floor(split.valid_pct * rows);

/**
 * How many rows each side of a split has.
 * @throws OnecycleError `invalid_spec`, pointers from the job's spec on
 */
export function splitSizes(rows: number, split: Split): { train: number; valid: number } {
  const schema: TSchema = 'train_rows' in split ? FirstRowsSplit : RandomSplit;
  const problems = fieldProblemsOf(schema, split);
  if (problems.length > 0)
    throw invalidSpecs(problems.map(({ pointer, detail }) => ({ pointer: `/split${pointer}`, detail })));
  const train = trainRows(split, rows);
  if (train > rows) throw invalidSpec('/split/train_rows', `must be at most ${rows}, the rows of the data set`);
  return { train, valid: rows - train };
}

/**
 * Which rows train and which validate: as fastai's `RandomSplitter`, the first of the shuffled rows validate.
 * @throws OnecycleError as `splitSizes`
 */
export function splitRows(rows: number, split: Split): SplitRows {
  const { valid } = splitSizes(rows, split);
  if ('train_rows' in split) {
    const all = Int32Array.from({ length: rows }, (_, i) => i);
    return { train: all.subarray(0, rows - valid), valid: all.subarray(rows - valid) };
  }
  const shuffled = permutation(rows, { seed: split.seed, purpose: 'split' });
  return { train: shuffled.subarray(valid), valid: shuffled.subarray(0, valid) };
}
