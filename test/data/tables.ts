/** Tables in memory, for tests: columns of plain values, null where one is missing, in parts of some rows. */
import type { Column, Table, TableSource } from '../../src/data/table/table.js';

export type PlainColumns = Record<string, (string | number | boolean | null)[]>;

/** Columns of numbers alone are numbers; others are text, Booleans as pandas writes them. */
export function tableOf(columns: PlainColumns, from = 0, to = Infinity): Table {
  const parts = Object.entries(columns).map(([name, values]) => columnOf(name, values, from, to));
  return { rows: lengthOf(parts[0]), columns: parts };
}

/** The rows of a table, `rowsPerPart` at a time. */
export function sourceOf(columns: PlainColumns, rowsPerPart = Infinity): TableSource {
  const rows = Object.values(columns)[0].length;
  return {
    async *parts() {
      for (let from = 0; from < rows; from += rowsPerPart) {
        yield await Promise.resolve(tableOf(columns, from, from + rowsPerPart));
      }
    },
  };
}

/** The same rows as JSON has them. */
export const rowsOf = (columns: PlainColumns): Record<string, PlainColumns[string][number]>[] =>
  Object.values(columns)[0].map((_, row) =>
    Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[row]])),
  );

/** The same rows as a CSV has them. */
export const csvOf = (columns: PlainColumns): string =>
  [
    Object.keys(columns).join(','),
    ...rowsOf(columns).map((row) =>
      Object.values(row)
        .map((value) => (value === null ? '' : String(value)))
        .join(','),
    ),
  ].join('\n');

const lengthOf = (column: Column): number => (column.type === 'text' ? column.codes.length : column.values.length);

function columnOf(name: string, all: PlainColumns[string], from: number, to: number): Column {
  const values = all.slice(from, to);
  if (all.every((value) => typeof value === 'number' || value === null))
    return {
      name,
      type: 'number',
      values: Float64Array.from(values, (value) => (value === null ? NaN : Number(value))),
    };
  const present = values.filter((value) => value !== null).map(asText);
  const texts = [...new Set(present)];
  return {
    name,
    type: 'text',
    texts,
    codes: Int32Array.from(values, (value) => (value === null ? -1 : texts.indexOf(asText(value)))),
  };
}

const asText = (value: string | number | boolean): string =>
  typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
