/** Puts lines and marks on a chart's canvas. */
import type { Line, Mark } from './line.js';
import { gap, type Points } from './thin.js';

/** From values to pixels of the canvas, along one axis. */
export interface Axis {
  min: number;
  max: number;
  log: boolean;
  /** Where `min` and `max` stand. */
  start: number;
  end: number;
}

const forward = (value: number, log: boolean): number => (log ? Math.log(value) : value);

/** Factor and offset of an axis: a pixel is `a * forward(value) + b`. */
function affine({ min, max, log, start, end }: Axis): { a: number; b: number } {
  const [low, high] = [forward(min, log), forward(max, log)];
  const a = (end - start) / (high - low || 1);
  return { a, b: start - a * low };
}

/** Where a value stands. */
export function place(axis: Axis, value: number): number {
  const { a, b } = affine(axis);
  return a * forward(value, axis.log) + b;
}

const normalWidth = 1.5;

/** Draws the chosen points of a line. */
export function drawLine(
  context: CanvasRenderingContext2D,
  { x, y, color, dash = [], width = normalWidth, faint, dots }: Line,
  points: Points,
  { axes: [across, up], ratio }: { axes: readonly [Axis, Axis]; ratio: number },
): void {
  const [h, v] = [affine(across), affine(up)];
  context.strokeStyle = context.fillStyle = color;
  context.globalAlpha = faint === true ? 0.4 : 1;
  // Where points are denser than pixels a stroke is a band: dashes and round edges would not be seen, and take long.
  const dense = points.length > Math.abs(across.end - across.start);
  context.lineWidth = dense && width <= normalWidth ? 1 : width * ratio;
  context.setLineDash(dense ? [] : dash.map((length) => length * ratio));
  context.beginPath();
  let open = false;
  for (let i = 0; i < points.length; i++) {
    const index = points.indexes[i];
    // The logarithm of what is not positive is no number either.
    const left = index === gap ? NaN : h.a * forward(x.at(index), across.log) + h.b;
    const top = index === gap ? NaN : v.a * forward(y.at(index), up.log) + v.b;
    if (!Number.isFinite(left + top)) open = false;
    else if (open) context.lineTo(left, top);
    else {
      context.moveTo(left, top);
      // A point between two gaps would be no line.
      context.lineTo(left + 0.01, top);
      open = true;
    }
  }
  context.stroke();
  if (dots === true) drawDots(context, { x, y }, points, { h, v, across, up, radius: 2.5 * ratio });
  context.globalAlpha = 1;
  context.setLineDash([]);
}

interface Dots {
  h: { a: number; b: number };
  v: { a: number; b: number };
  across: Axis;
  up: Axis;
  radius: number;
}

function drawDots(
  context: CanvasRenderingContext2D,
  { x, y }: Pick<Line, 'x' | 'y'>,
  points: Points,
  { h, v, across, up, radius }: Dots,
): void {
  if (points.length > 200) return;
  for (const index of points.indexes.subarray(0, points.length)) {
    if (index === gap) continue;
    context.beginPath();
    context.arc(h.a * forward(x.at(index), across.log) + h.b, v.a * forward(y.at(index), up.log) + v.b, radius, 0, 7);
    context.fill();
  }
}

/** Draws what happened. */
export function drawMarks(
  context: CanvasRenderingContext2D,
  marks: readonly Mark[],
  { axes: [across, up], ratio, color }: { axes: readonly [Axis, Axis]; ratio: number; color: string },
): void {
  context.strokeStyle = context.fillStyle = color;
  context.lineWidth = ratio;
  context.font = `${11 * ratio}px system-ui, sans-serif`;
  context.textBaseline = 'top';
  context.textAlign = 'left';
  let [labelEnd, line] = [0, 0];
  for (const { at, label, kind } of marks) {
    if (at < across.min || at > across.max) continue;
    const left = Math.round(place(across, at)) + 0.5;
    if (kind === 'point') {
      drawDiamond(context, left, up.start, 4 * ratio);
      continue;
    }
    context.setLineDash(kind === 'attempt' ? [4 * ratio, 4 * ratio] : []);
    context.beginPath();
    context.moveTo(left, up.start);
    context.lineTo(left, up.end);
    context.stroke();
    // A label that would lie over the one before stands a line below it.
    const x = left + 3 * ratio;
    line = x < labelEnd ? line + 1 : 0;
    context.fillText(label, x, up.end + (2 + 12 * line) * ratio);
    labelEnd = Math.max(line === 0 ? 0 : labelEnd, x + context.measureText(label).width + 4 * ratio);
  }
  context.setLineDash([]);
}

function drawDiamond(context: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  context.beginPath();
  context.moveTo(x, y - 2 * size);
  context.lineTo(x + size, y - size);
  context.lineTo(x, y);
  context.lineTo(x - size, y - size);
  context.fill();
}
