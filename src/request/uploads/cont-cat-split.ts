import type { KeptColumn } from '../../data/profile/schema.js';

/** Whole numbers with at most so many values are categories: fastai's `max_card`. */
const maxCard = 20;

/**
 * Which columns are numbers and which categories, as fastai's `cont_cat_split` guesses: numbers with a fraction (or with
 * a missing value, which makes pandas write them so) are continuous, whole numbers where they have more than 20 values,
 * all others are categories. A column without any value is neither.
 */
export function contCatSplit(columns: readonly KeptColumn[]): { continuous: string[]; categorical: string[] } {
  const known = columns.filter(({ unique }) => unique > 0);
  const isContinuous = ({ type, integer, unique }: KeptColumn) =>
    type === 'number' && (integer !== true || unique > maxCard);
  return {
    continuous: known.filter(isContinuous).map(({ name }) => name),
    categorical: known.filter((column) => !isContinuous(column)).map(({ name }) => name),
  };
}
