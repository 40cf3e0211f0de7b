/** Nested lists of numbers, as JSON has them, rows first. */

/** What does not fit: `path` are the indexes that lead there, `expected` says what would be right. */
export interface Misfit {
  path: number[];
  expected: string;
}

/** The shape that a nested list has if it is regular: the lengths along its first elements. */
export function shapeOf(value: unknown): number[] {
  return Array.isArray(value) ? [value.length, ...(value.length > 0 ? shapeOf(value[0]) : [])] : [];
}

const isFiniteFloat32 = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(Math.fround(value));

/** The first thing that keeps a value from being a nested list of this shape, of numbers that are finite as float32; or undefined. */
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

/** Copies the numbers of a nested list into `out` from `offset` on, in order; answers where it ended. */
export function flattenInto(out: Float32Array, value: unknown, offset = 0): number {
  if (typeof value === 'number') {
    out[offset] = value;
    return offset + 1;
  }
  return Array.isArray(value) ? value.reduce<number>((end, element) => flattenInto(out, element, end), offset) : offset;
}

/** How many numbers a shape has room for. */
export const product = (shape: readonly number[]): number => shape.reduce((p, n) => p * n, 1);
