/** Which points of a line are drawn: of each column of pixels the lowest and the highest, so that no spike is lost. */
import type { Column } from './column.js';

/** Stands between two points that no line joins. */
export const gap = -1;

/** A part of the x axis, and how many columns of pixels it has. */
export interface View {
  from: number;
  to: number;
  columns: number;
  /** Columns are of equal width on the logarithm. */
  log?: boolean;
}

/** Memory for the points of one line, used again for the next. */
export class Points {
  indexes = new Int32Array(4096);
  length = 0;

  push(index: number): void {
    if (this.length === this.indexes.length) {
      const grown = new Int32Array(this.length * 2);
      grown.set(this.indexes);
      this.indexes = grown;
    }
    this.indexes[this.length++] = index;
  }
}

/**
 * Fills `points` with the indexes that are drawn, in order: all that are in view, if they are few, and one more on
 * either side; else of each column of pixels the lowest and the highest. Where values are not finite stands `gap`.
 */
export function pointsInView(x: Column, y: Column, view: View, points: Points): void {
  points.length = 0;
  const from = Math.max(0, x.lowerBound(view.from) - 1);
  const to = Math.min(x.length, x.lowerBound(view.to) + 2, y.length);
  if (to - from <= view.columns * 2) for (let i = from; i < to; i++) points.push(Number.isFinite(y.at(i)) ? i : gap);
  else thinned(x, y, { from, to, view }, points);
}

function thinned(x: Column, y: Column, part: { from: number; to: number; view: View }, points: Points): void {
  const found = { low: gap, high: gap };
  const { from, to, view } = part;
  const edges = edgesOf(view);
  let start = from;
  // What stands before the view and after it is drawn in a column of its own.
  for (let column = -1; column <= view.columns && start < to; column++) {
    const end = column === view.columns ? to : Math.min(to, ahead(x, edges(column + 1), start));
    if (end <= start) continue;
    y.extremes(start, end, found);
    points.push(Math.min(found.low, found.high));
    if (found.low !== found.high) points.push(Math.max(found.low, found.high));
    start = end;
  }
}

/** The value at the left edge of each column. */
function edgesOf({ from, to, columns, log }: View): (column: number) => number {
  if (log !== true) return (column) => from + ((to - from) * column) / columns;
  const ratio = to / from;
  return (column) => from * ratio ** (column / columns);
}

/** As `lowerBound`, for a value that is likely to stand soon after `start`. */
function ahead(x: Column, value: number, start: number): number {
  let step = 16;
  let low = start;
  while (low + step < x.length && x.at(low + step) < value) {
    low += step;
    step *= 2;
  }
  let high = Math.min(x.length, low + step);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (x.at(middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
