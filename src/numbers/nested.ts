/** Nested lists of numbers, as JSON has them, rows first. */

/** What does not fit in a nested list. */
export interface Misfit {
  /** The indexes that lead there. */
  path: number[];
  /** What would be right, in words: `a finite number`, `a list of length 3`. */
  expected: string;
}

/** The shape that a nested list has if it is regular: the lengths along its first elements; [] for what is no list. */
export function shapeOf(value: unknown): number[] {
  return Array.isArray(value) ? [value.length, ...(value.length > 0 ? shapeOf(value[0]) : [])] : [];
}

const isFiniteFloat32 = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(Math.fround(value));

/**
 * The first thing, in row-major order, that keeps a value from being a nested list of this shape, of numbers that are
 * finite as float32; undefined if nothing does.
 * @param axis the axis of `shape` that `value` is along, when the function calls itself
 */
export function findMisfit(value: unknown, shape: readonly number[], axis = 0): Misfit | undefined {
  if (axis === shape.length) return isFiniteFloat32(value) ? undefined : { path: [], expected: 'a finite number' };
  if (!Array.isArray(value) || value.length !== shape[axis])
    return { path: [], expected: `a list of length ${shape[axis]}` };
  for (let i = 0; i < value.length; i++) {
    const misfit = findMisfit(value[i], shape, axis + 1);
    if (misfit) return { path: [i, ...misfit.path], expected: misfit.expected };
  }
  return undefined;
}

/**
 * Copies the numbers of a nested list into `out` from index `offset` on, row-major; returns the index after the last.
 */
export function flattenInto(out: Float32Array, value: unknown, offset = 0): number {
  if (typeof value === 'number') {
    out[offset] = value;
    return offset + 1;
  }
  return Array.isArray(value) ? value.reduce<number>((end, element) => flattenInto(out, element, end), offset) : offset;
}

/** Whether a value is a list of whole numbers of 0 or more, as shapes are. */
export const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);

/** How many numbers a tensor of this shape has; 1 for []. */
export const product = (shape: readonly number[]): number => shape.reduce((p, n) => p * n, 1);

/**
 * The most numbers that a tensor may have: some of TensorFlow's kernels count elements in 32 bits, with a sign. The
 * rows of a data set of random numbers keep to it too, all together.
 */
export const maxElements = 2 ** 31 - 1;
