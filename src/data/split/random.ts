/** Splits that look at nothing but the number of rows. */
import { Type, type Static } from 'typebox';
import { permutation } from '../../numbers/random.js';
import { Count, defaulted, Seed, strict } from '../../schema/fields.js';
import type { SplitRows } from './rows.js';

/** The part that validates where a request names none: fastai's. */
export const defaultValidPct = 0.2;

/** What both of the splits that draw have. */
export const drawn = {
  valid_pct: Type.Number({
    minimum: 0,
    exclusiveMaximum: 1,
    default: defaultValidPct,
    description: 'Share of the rows used for validation, rounded down to whole rows',
  }),
  seed: defaulted(Seed('Seed for drawing these rows, 0 to 2^32 - 1'), 42),
};

/** A part of the rows, drawn at random, validates. */
export const randomRows = "Validation rows are drawn at random: fastai's RandomSplitter";
/** As the text says. */
export const RandomSplit = strict(drawn, { title: 'RandomSplit', description: randomRows });
/** With its seed. */
export type RandomSplit = Required<Static<typeof RandomSplit>>;

/** How many of the first rows train; the others validate. */
export const FirstRowsSplit = strict(
  { train_rows: Count('This many rows from the start are for training, the rest for validation') },
  { title: 'FirstRowsSplit', description: 'The first rows are for training' },
);

/** The first of the shuffled rows validate. */
export function randomSplit(rows: number, { valid_pct, seed }: RandomSplit): SplitRows {
  const valid = Math.floor(valid_pct * rows);
  const shuffled = permutation(rows, { seed, purpose: 'split' });
  return { train: shuffled.subarray(valid), valid: shuffled.subarray(0, valid) };
}

/** All rows in their order, cut once. */
export function firstRowsSplit(rows: number, train: number): SplitRows {
  const all = Int32Array.from({ length: rows }, (_, i) => i);
  return { train: all.subarray(0, train), valid: all.subarray(train) };
}
