/** Curves as text, some rows at a time. */
import type { Column } from './table.js';

/** Rows that are put together before they are sent. */
const rowsAtOnce = 1000;

/** Names that could break a line of CSV stand in quotes. */
const quoted = (name: string): string => (/[",\n\r]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);

/** CSV (RFC 4180) with a header; a value that is not there is empty. */
export function* csv(columns: readonly Column[]): Generator<string> {
  yield `${columns.map(({ name }) => quoted(name)).join(',')}\r\n`;
  yield* chunks(columns, (row) => `${columns.map(({ values }) => values[row] ?? '').join(',')}\r\n`);
}

/** JSON Lines: an object a row; a value that is not there is null. */
export const jsonl = (columns: readonly Column[]): Generator<string> =>
  chunks(
    columns,
    (row) => `${JSON.stringify(Object.fromEntries(columns.map(({ name, values }) => [name, values[row]])))}\n`,
  );

function* chunks(columns: readonly Column[], line: (row: number) => string): Generator<string> {
  const rows = columns[0].values.length;
  for (let from = 0; from < rows; from += rowsAtOnce) {
    const length = Math.min(rowsAtOnce, rows - from);
    yield Array.from({ length }, (_, i) => line(from + i)).join('');
  }
}
