/** Tables of plain text. */
import Table from 'cli-table3';
import { style } from './style.js';

const none = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'])
    .map((place) => [place, '']),
);

/**
 * Rows under a head, without lines.
 * @param right columns whose cells are aligned to the right, by index
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const made = new Table({
    head: head.map((name) => style('dim', name)),
    chars: { ...none, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: head.map((_, i) => (right.includes(i) ? 'right' : 'left')),
  });
  made.push(...rows.map((row) => [...row]));
  return made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Names and values, one a line. */
export function pairs(values: readonly (readonly [name: string, value: string | null | undefined])[]): string {
  const shown = values.filter(([, value]) => value != null);
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${style('dim', name.padEnd(width))}  ${value}`).join('\n');
}
