/**
 * A curve for drawing at any width: its values, and above them levels that keep the lowest and the highest of each
 * pair below. Computed once; a frame then costs as much as it has columns of pixels, however long the curve is.
 */

/** A curve: x ascends; a y that is not finite is a gap. */
export interface Pyramid {
  x: Float64Array;
  y: Float32Array;
  /** Level k has the extremes of 2^(k+1) neighbours each. */
  low: readonly Float32Array[];
  high: readonly Float32Array[];
}

/** Makes the levels of a curve. */
export function pyramid(x: Float64Array, y: Float32Array): Pyramid {
  const low: Float32Array[] = [];
  const high: Float32Array[] = [];
  for (let [l, h] = [y, y]; l.length > 2;) {
    [l, h] = [halve(l, Math.min), halve(h, Math.max)];
    low.push(l);
    high.push(h);
  }
  return { x, y, low, high };
}

/** Of each pair the one that `pick` prefers; NaN only where both are. */
function halve(values: Float32Array, pick: (a: number, b: number) => number): Float32Array {
  const half = new Float32Array(Math.ceil(values.length / 2));
  for (let i = 0; i < half.length; i++) {
    const a = values[2 * i];
    const b = 2 * i + 1 < values.length ? values[2 * i + 1] : a;
    half[i] = Number.isNaN(a) ? b : Number.isNaN(b) ? a : pick(a, b);
  }
  return half;
}

/** The first index whose x is not below a value. */
export function firstAt(x: Float64Array, value: number): number {
  let [from, to] = [0, x.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (x[middle] < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The lowest and the highest y from one index up to another; NaN and NaN where all are gaps. */
export function extremes({ y, low, high }: Pyramid, from: number, to: number): [number, number] {
  let [least, most] = [NaN, NaN];
  const take = (l: number, h: number) => {
    if (!(l >= least)) least = Number.isNaN(l) ? least : l;
    if (!(h <= most)) most = Number.isNaN(h) ? most : h;
  };
  // Up from both ends, as in a segment tree: at each level at most one block is taken at either end.
  for (let level = -1; from < to; level++) {
    const l = level < 0 ? y : low[level];
    const h = level < 0 ? y : high[level];
    const top = level + 1 >= low.length;
    if (top) {
      for (let i = from; i < to; i++) take(l[i], h[i]);
      break;
    }
    if (from % 2 === 1) take(l[from], h[from++]);
    if (to % 2 === 1) take(l[--to], h[to]);
    [from, to] = [from / 2, to / 2];
  }
  return [least, most];
}
