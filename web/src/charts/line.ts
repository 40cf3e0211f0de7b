/** What a chart is made of. */
import type { Column } from './column.js';

/** A curve. Its columns may grow: the chart then gets another `revision`. */
export interface Line {
  name: string;
  color: string;
  x: Column;
  y: Column;
  dash?: readonly number[];
  /** In pixels; 1.5 where left out. */
  width?: number;
  /** Behind the others: raw values, or what is yet to come. */
  faint?: boolean;
  /** It may go out of the chart: the y axis is made for the others. */
  overflows?: boolean;
  /** A dot a point, where there are few: epochs. */
  dots?: boolean;
}

/** Something that happened at one place of the x axis. */
export interface Mark {
  at: number;
  label: string;
  /** `phase` and `attempt` are lines across the chart, the one whole, the other dashed; `point` a sign at its foot. */
  kind: 'phase' | 'attempt' | 'point';
}

/** A part of the x axis. */
export type Range = readonly [from: number, to: number];

/** How the value of a line at a place is found: at the last point that is not after it. */
export function valueAt({ x, y }: Pick<Line, 'x' | 'y'>, at: number): number | null {
  const after = x.lowerBound(at + Math.abs(at) * 1e-12);
  const index = after < x.length && x.at(after) <= at ? after : after - 1;
  return index >= 0 && index < y.length && at <= x.at(x.length - 1) ? y.at(index) : null;
}
