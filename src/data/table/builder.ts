/** Columns that grow value by value, until they are a part of a table. */
import type { Column, DateColumn, NumberColumn, Table, TextColumn } from './table.js';

/** How many rows go into a part: some megabytes, however many columns there are. */
export const rowsPerPart = (columns: number): number =>
  Math.max(256, Math.min(65_536, Math.floor(2 ** 20 / Math.max(1, columns))));

/** What can be put into a column; undefined: missing. */
export type Cell = number | string | undefined;

/** Puts rows together. A number or a date takes numbers, a text takes texts. */
export class TableBuilder {
  #rows = 0;
  readonly #columns: (NumberColumn | DateColumn | (TextColumn & { known: Map<string, number> }))[];

  constructor(
    columns: readonly Pick<Column, 'name' | 'type'>[],
    readonly capacity: number,
  ) {
    this.#columns = columns.map(({ name, type }) =>
      type === 'text'
        ? { name, type, codes: new Int32Array(capacity), texts: [], known: new Map<string, number>() }
        : { name, type, values: new Float64Array(capacity) },
    );
  }

  get full(): boolean {
    return this.#rows === this.capacity;
  }

  get empty(): boolean {
    return this.#rows === 0;
  }

  /** A value of the row that is being put together. */
  set(column: number, value: Cell): void {
    const to = this.#columns[column];
    if (to.type !== 'text') to.values[this.#rows] = typeof value === 'number' ? value : NaN;
    else to.codes[this.#rows] = value === undefined ? -1 : codeOf(to, String(value));
  }

  /** The row is whole. */
  next(): void {
    this.#rows++;
  }

  /** What has come together; the builder is done with. */
  take(): Table {
    const rows = this.#rows;
    const columns = this.#columns.map((column): Column => {
      if (column.type !== 'text') return { ...column, values: column.values.subarray(0, rows) };
      const { name, type, codes, texts } = column;
      return { name, type, codes: codes.subarray(0, rows), texts };
    });
    return { rows, columns };
  }
}

function codeOf({ texts, known }: { texts: string[]; known: Map<string, number> }, text: string): number {
  const code = known.get(text);
  if (code !== undefined) return code;
  known.set(text, texts.length);
  return texts.push(text) - 1;
}
