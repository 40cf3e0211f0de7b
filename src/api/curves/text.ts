/** Curves as text, some rows at a time. */
import type { Column, Tables } from './table.js';

/** Names that could break a line of CSV stand in quotes. */
const quoted = (name: string): string => (/[",\n\r]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);

/** CSV (RFC 4180) with a header; a value that is not there is empty. */
export async function* csv(tables: Tables): AsyncGenerator<string> {
  let first = true;
  for await (const columns of tables) {
    const header = first ? `${columns.map(({ name }) => quoted(name)).join(',')}\r\n` : '';
    first = false;
    yield header + lines(columns, (row) => `${columns.map(({ values }) => values[row] ?? '').join(',')}\r\n`);
  }
}

/** JSON Lines: an object a row; a value that is not there is null. */
export async function* jsonl(tables: Tables): AsyncGenerator<string> {
  for await (const columns of tables)
    yield lines(
      columns,
      (row) => `${JSON.stringify(Object.fromEntries(columns.map(({ name, values }) => [name, values[row]])))}\n`,
    );
}

const lines = (columns: readonly Column[], line: (row: number) => string): string =>
  Array.from({ length: columns[0].values.length }, (_, row) => line(row)).join('');
