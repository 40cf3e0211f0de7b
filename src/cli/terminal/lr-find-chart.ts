/** The curve of a learning-rate finder in plain characters: loss over the logarithm of the rate. */
import asciichart from 'asciichart';
import { labelWidth, margin } from './chart.js';

const height = 10;

/**
 * Draws the curve as text.
 * @param lrs rising rates, one per iteration, evenly spaced on a log scale as a finder has them
 * @param losses the smoothed loss at each
 * @param marks rates to point out under the curve, by name
 * @param width of the curve, in characters
 */
export function plotLrFind(
  lrs: readonly number[],
  losses: readonly number[],
  marks: Record<string, number>,
  width = 64,
): string {
  const columns = Array.from(
    { length: width },
    (_, column) => losses[Math.round((column / (width - 1)) * (losses.length - 1))],
  );
  const curve = asciichart.plot(columns, { height, format: (loss) => loss.toFixed(3).padStart(labelWidth) });

  const low = Math.log10(lrs[0]);
  const high = Math.log10(lrs[lrs.length - 1]);
  const columnOf = (lr: number): number => margin + Math.round(((Math.log10(lr) - low) / (high - low)) * (width - 1));

  const decades = Array.from({ length: Math.floor(high) - Math.ceil(low) + 1 }, (_, i) => Math.ceil(low) + i);
  const ticks = place(
    decades.map((power) => [columnOf(10 ** power), '┴']),
    '─',
  ).slice(margin);
  const labels = place(decades.map((power) => [columnOf(10 ** power) - 2, `1e${power}`]));
  const pointers = Object.entries(marks)
    .filter(([, lr]) => lr >= lrs[0] && lr <= lrs[lrs.length - 1])
    .map(([name, lr]) => place([[columnOf(lr), `▲ ${name} ${lr.toPrecision(3)}`]]));
  return [
    'smoothed loss'.padStart(margin + 4),
    curve,
    `${' '.repeat(margin - 1)}└${ticks.padEnd(width, '─')}`,
    labels,
    'learning rate (log scale)'.padStart(margin + Math.round((width + 25) / 2)),
    ...pointers,
  ].join('\n');
}

/** A line with each text at its column; a text that would cover an earlier one is left out. */
function place(texts: readonly (readonly [number, string])[], filler = ' '): string {
  return texts.reduce((line, [column, text]) => (column < line.length ? line : line.padEnd(column, filler) + text), '');
}
