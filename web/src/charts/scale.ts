/** Axes: from values to shares of their length, and where their ticks stand. */

/** An axis. */
export interface Scale {
  from: number;
  to: number;
  log: boolean;
}

/** Where a value stands: 0 at the start of the axis, 1 at its end. */
export function share({ from, to, log }: Scale, value: number): number {
  if (from === to) return 0.5;
  return log ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
}

/** The value at a share of the axis. */
export function valueOf({ from, to, log }: Scale, part: number): number {
  return log ? from * (to / from) ** part : from + part * (to - from);
}

/** The part of an axis between two shares of it. */
export function between(scale: Scale, start: number, end: number): Scale {
  return { ...scale, from: valueOf(scale, start), to: valueOf(scale, end) };
}

/** Round values along the axis, about so many. */
export function ticks(scale: Scale, count: number): number[] {
  if (!(scale.to > scale.from)) return [scale.from];
  const decades = scale.log ? Math.log10(scale.to / scale.from) : 0;
  return decades >= 2 ? powers(scale, Math.ceil(decades / count)) : even(scale, count);
}

function powers({ from, to }: Scale, step: number): number[] {
  const first = Math.ceil(Math.log10(from) - 1e-9);
  const last = Math.floor(Math.log10(to) + 1e-9);
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => Number(`1e${first + i * step}`));
}

function even({ from, to }: Scale, count: number): number[] {
  const rough = (to - from) / count;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = magnitude * ([1, 2, 5].find((factor) => factor * magnitude >= rough * 0.999) ?? 10);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** A tick's text. */
export function tickText(value: number): string {
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential().replace('e+', 'e');
  return String(value);
}
