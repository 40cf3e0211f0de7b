/** How values are written for people. */

/** A loss or a metric, as fastai's table has it; a dash where there is none. */
export const fixed = (value: number | null | undefined, digits = 6): string => value?.toFixed(digits) ?? '-';

/** Three significant digits, without zeros at their end: `0.003`, `5.2e-7`. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000 && size < 1e7) return String(Math.round(value));
  const text = size !== 0 && (size < 1e-4 || size >= 1e7) ? value.toExponential(2) : value.toPrecision(3);
  return text.replace(/\.?0+(?=e|$)/, (zeros) => (text.includes('.') ? '' : zeros)).replace('e+', 'e');
}

/** `40 ms`, `1.2 s`, `12 s`, `3:07`, `1:02:03`. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.ceil(seconds * 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** How long ago, or how long something took, in its largest unit: `12s`, `5m`, `3h`, `2d`. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** `512 B`, `3.4 MB`. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = count < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(count) / 3));
  return `${(count / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** A value of a spec in a cell: words as they are, all else as JSON. */
export const cell = (value: unknown): string =>
  value === undefined ? '-' : typeof value === 'string' ? value : JSON.stringify(value);
