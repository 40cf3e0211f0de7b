/** A value of a curve; null where there is no finite number. */
export type Cell = number | null;

/** A number as a value of a curve, and as JSON can say it. */
export const finite = (value: Cell): Cell => (Number.isFinite(value) ? value : null);

/**
 * The rows of a curve that stay where there may be `most` (1 or more) of them: all, if they are no more. Else the rows
 * are cut into buckets of as many rows each, and of each bucket those stay whose value is lowest, highest and last, so
 * that no spike is lost; of equal values the first. A value that is no finite number counts as higher than any other.
 * One row is the last of all; two are that one and the highest.
 * @returns the rows' indexes, in order
 */
export function thin(values: readonly Cell[], most: number): number[] {
  if (values.length <= most) return [...values.keys()];
  return buckets(values.length, most)
    .map(([from, to]) => extremes(values, from, to).slice(0, most))
    .flatMap((rows) => rows.sort((a, b) => a - b));
}

/** The buckets that so many rows are cut into where there may be `most` of them: the first row, and the one after the last. */
export function buckets(rows: number, most: number): [from: number, to: number][] {
  const count = Math.max(1, Math.floor(most / 3));
  const edge = (bucket: number): number => Math.floor((bucket * rows) / count);
  return Array.from({ length: count }, (_, k) => [edge(k), edge(k + 1)]);
}

/**
 * The last, the highest and the lowest row from `from` to before `to`, each once, in this order of importance; of equal
 * values the first.
 */
export function extremes(values: ArrayLike<Cell>, from: number, to: number): number[] {
  let [low, high] = [from, from];
  for (let row = from; row < to; row++) {
    if (height(values[row]) < height(values[low])) low = row;
    if (height(values[row]) > height(values[high])) high = row;
  }
  return [...new Set([to - 1, high, low])];
}

/** How high a value is: a loss that diverged is the highest spike. */
export const height = (value: Cell): number => (value !== null && Number.isFinite(value) ? value : Infinity);
