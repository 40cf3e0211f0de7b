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

/**
 * Copies a nested list of a known shape into `out` from `offset` on; answers what does not fit, if anything.
 * Numbers must be finite as float32, too.
 */
export function copyNested(value: unknown, shape: readonly number[], out: Float32Array, offset: number): Misfit | undefined {
  if (shape.length === 0) {
    if (typeof value !== 'number' || !Number.isFinite(Math.fround(value))) return { path: [], expected: 'a finite number' };
    out[offset] = value;
    return undefined;
  }
  const [length, ...rest] = shape;
  if (!Array.isArray(value) || value.length !== length) return { path: [], expected: `a list of length ${length}` };
  const width = rest.reduce((product, n) => product * n, 1);
  for (let i = 0; i < length; i++) {
    const misfit = copyNested(value[i], rest, out, offset + i * width);
    if (misfit) return { path: [i, ...misfit.path], expected: misfit.expected };
  }
  return undefined;
}
