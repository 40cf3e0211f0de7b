import { invalidSpec } from '../errors.js';
import { permutation } from '../numbers/random.js';

/** The part of the rows that validates, drawn at random, or how many of the first rows train while the rest validates. */
export type Split = { valid_pct: number; seed: number } | { train_rows: number };

export interface SplitRows {
  train: Int32Array;
  valid: Int32Array;
}

/**
 * How many rows each side of a split has.
 * @throws OnecycleError invalid_spec, pointers from the job's spec on
 */
export function splitSizes(rows: number, split: Split): { train: number; valid: number } {
  if ('train_rows' in split) {
    const train = split.train_rows;
    if (!Number.isSafeInteger(train) || train < 1 || train > rows)
      throw invalidSpec(
        '/split/train_rows',
        `train_rows must be an integer from 1 to ${rows}, the rows of the data set`,
      );
    return { train, valid: rows - train };
  }
  const { valid_pct, seed } = split;
  if (!(valid_pct >= 0 && valid_pct < 1))
    throw invalidSpec('/split/valid_pct', 'valid_pct must be a number from 0 up to, but not, 1');
  if (!Number.isSafeInteger(seed) || seed < 0) throw invalidSpec('/split/seed', 'seed must be a non-negative integer');
  const valid = Math.floor(valid_pct * rows);
  return { train: rows - valid, valid };
}

/** Which rows train and which validate: as fastai's `RandomSplitter`, the first of the shuffled rows validate. Throws as `splitSizes`. */
export function splitRows(rows: number, split: Split): SplitRows {
  const { train, valid } = splitSizes(rows, split);
  if ('train_rows' in split) {
    const all = Int32Array.from({ length: rows }, (_, i) => i);
    return { train: all.subarray(0, train), valid: all.subarray(train) };
  }
  const shuffled = permutation(rows, { seed: split.seed, purpose: 'split' });
  return { train: shuffled.subarray(valid), valid: shuffled.subarray(0, valid) };
}
