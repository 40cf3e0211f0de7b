/** Curves in plain characters. */
import asciichart from 'asciichart';
import { short } from './format.js';

/** Columns of the labels at the left of a chart. */
export const labelWidth = 8;
/** A label, a blank and the axis stand before the first column. */
export const margin = labelWidth + 2;

/** A curve: rising positions, and the value at each; what is not finite has none. */
export interface Curve {
  x: readonly number[];
  y: readonly (number | null)[];
}

/** How a chart is drawn. */
export interface ChartOptions {
  /** Columns for the curves, without the labels. */
  width: number;
  height: number;
  /** The positions at the two ends. */
  range: readonly [number, number];
  /** A colour of asciichart a curve. */
  colours?: readonly string[];
  /** Single points over the curves, such as validation losses. */
  marks?: Curve;
}

/** One value a column, from the first to the last that the curve reaches; the last point of a column stands for it. */
export function resample({ x, y }: Curve, width: number, [from, to]: readonly [number, number]): number[] {
  const values: number[] = [];
  for (const [i, position] of x.entries()) {
    const value = y[i];
    if (value === null || !Number.isFinite(value)) continue;
    const column = columnOf(position, width, [from, to]);
    if (column < 0 || column >= width) continue;
    // Columns without a point of their own have the last one before them.
    while (values.length < column) values.push(values.at(-1) ?? value);
    values[column] = value;
  }
  return values;
}

/** The column of a position. */
export const columnOf = (position: number, width: number, [from, to]: readonly [number, number]): number =>
  to > from ? Math.round(((position - from) / (to - from)) * (width - 1)) : 0;

/** Draws curves over one another, with an axis of values at the left. Without any point: nothing. */
export function chart(curves: readonly Curve[], { width, height, range, colours, marks }: ChartOptions): string {
  const series = curves.map((curve) => resample(curve, width, range)).filter((values) => values.length > 0);
  if (series.length === 0) return '';
  const points = marks ? finite(marks) : [];
  const all = [...series.flat(), ...points.map(([, value]) => value)];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  // A flat curve has no height: asciichart divides by it.
  const [min, max] = high > low ? [low, high] : [low - Math.abs(low || 1) / 10, high + Math.abs(high || 1) / 10];
  const drawn = asciichart.plot(series, {
    min,
    max,
    height,
    ...(colours && { colors: [...colours] }),
    format: (value) => short(value).padStart(labelWidth),
  });
  return points.length === 0 ? drawn : mark(drawn.split('\n'), points, { min, max, width, height, range });
}

const finite = ({ x, y }: Curve): [number, number][] =>
  x.flatMap((position, i) => {
    const value = y[i];
    return value !== null && Number.isFinite(value) ? [[position, value] as [number, number]] : [];
  });

interface Scale {
  min: number;
  max: number;
  width: number;
  height: number;
  range: readonly [number, number];
}

/** Puts a dot at each point. Only for charts without colours, whose lines have a character a column. */
function mark(lines: string[], points: [number, number][], { min, max, width, height, range }: Scale): string {
  const ratio = height / (max - min);
  const top = Math.round(max * ratio);
  const grid = lines.map((line) => line.split(''));
  for (const [position, value] of points) {
    const row = top - Math.round(value * ratio);
    const column = margin + columnOf(position, width, range);
    if (row >= 0 && row < grid.length && column >= margin && column < margin + width) {
      while (grid[row].length <= column) grid[row].push(' ');
      grid[row][column] = '●';
    }
  }
  return grid.map((line) => line.join('').trimEnd()).join('\n');
}

/** The axis under a chart, with its two ends written below. */
export function xAxis(width: number, [from, to]: readonly [number, number], title: string): string {
  const [left, right] = [String(from), String(to)];
  const room = width - left.length - right.length;
  return [
    `${' '.repeat(margin - 1)}└${'─'.repeat(width)}`,
    `${' '.repeat(margin)}${left}${centred(title, room)}${right}`,
  ].join('\n');
}

const centred = (text: string, width: number): string =>
  text.length >= width
    ? ' '.repeat(Math.max(1, width))
    : text.padStart(Math.floor((width + text.length) / 2)).padEnd(width);
