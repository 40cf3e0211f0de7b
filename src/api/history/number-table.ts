/** A table of numbers that grows and is cut back, column by column, with little of it in memory. */
import type { Cell } from '../../numbers/thin.js';
import type { Block, Spill } from './spill.js';

/** Rows of a block. */
const blockRows = 4096;

/** No value, as JSON's null: and no such field at all. Values are finite. */
const none = NaN;
const absent = Infinity;

/** A number as it is stored, as a value; undefined where there was no such field. */
const valueOf = (number: number): Cell | undefined =>
  Number.isFinite(number) ? number : Number.isNaN(number) ? null : undefined;

/** One column: full blocks, and the one that is being filled. */
class Column {
  readonly blocks: Block[] = [];
  last = new Float64Array(blockRows);
  filled = 0;

  /** Adds a number; true where that has filled a block. */
  push(number: number): boolean {
    this.last[this.filled++] = number;
    if (this.filled < blockRows) return false;
    this.blocks.push(this.last);
    this.last = new Float64Array(blockRows);
    this.filled = 0;
    return true;
  }
}

/** Columns by name, all of the same length. */
export class NumberTable {
  readonly #spill: Spill;
  readonly #columns = new Map<string, Column>();
  /** Bytes of full blocks in memory. */
  #bytes = 0;
  length = 0;

  constructor(spill: Spill) {
    this.#spill = spill;
  }

  /** The names of the columns, in the order in which they came up. */
  get names(): string[] {
    return [...this.#columns.keys()];
  }

  /**
   * Adds rows by their columns. A column that is left out has no value there, and one that comes up had none before;
   * with `isAbsent` there was no such field.
   */
  append(
    columns: Iterable<[name: string, values: readonly (Cell | undefined)[]]>,
    count: number,
    isAbsent = false,
  ): void {
    const fill = isAbsent ? absent : none;
    for (const [name, values] of columns) {
      const column = this.#column(name, fill);
      for (let i = 0; i < count; i++) this.#push(column, values[i] ?? none);
    }
    this.length += count;
    for (const column of this.#columns.values()) this.#pad(column, fill);
  }

  /** Writes what is too much for memory to the file. */
  async settle(): Promise<void> {
    if (!this.#spill.isTooMuch(this.#bytes)) return;
    for (const { blocks } of this.#columns.values())
      for (let i = blocks.length - 1; i >= 0; i--) {
        const block = blocks[i];
        if (!(block instanceof Float64Array)) break;
        blocks[i] = await this.#spill.write(block);
      }
    this.#bytes = 0;
  }

  /** Takes all rows from a number on away. */
  async cut(length: number): Promise<void> {
    if (length >= this.length) return;
    const [full, filled] = [Math.floor(length / blockRows), length % blockRows];
    for (const column of this.#columns.values()) {
      if (full < column.blocks.length) column.last = (await this.#spill.read(column.blocks[full])).slice();
      column.blocks.length = Math.min(full, column.blocks.length);
      column.filled = filled;
    }
    this.length = length;
  }

  /** The numbers of some rows of a column: NaN, or infinite, where there is no value. */
  async numbers(name: string, from: number, to: number): Promise<Float64Array> {
    const numbers = new Float64Array(to - from).fill(none);
    const column = this.#columns.get(name);
    for (let row = from; column && row < to;) {
      const index = Math.floor(row / blockRows);
      const block = index < column.blocks.length ? await this.#spill.read(column.blocks[index]) : column.last;
      const end = Math.min(to, (index + 1) * blockRows);
      numbers.set(block.subarray(row - index * blockRows, end - index * blockRows), row - from);
      row = end;
    }
    return numbers;
  }

  /** The values of these rows, which are in order. */
  async values(name: string, rows: readonly number[]): Promise<(Cell | undefined)[]> {
    const values: (Cell | undefined)[] = [];
    for (let i = 0; i < rows.length;) {
      const block = Math.floor(rows[i] / blockRows);
      const from = block * blockRows;
      const numbers = await this.numbers(name, from, Math.min(from + blockRows, this.length));
      for (; i < rows.length && rows[i] < from + blockRows; i++) values.push(valueOf(numbers[rows[i] - from]));
    }
    return values;
  }

  /** The first row whose value is at least this, of a column that rises; `length` where there is none. */
  async firstAtLeast(name: string, least: number): Promise<number> {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const [number] = await this.numbers(name, middle, middle + 1);
      if (number >= least) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #column(name: string, fill: number): Column {
    const known = this.#columns.get(name);
    if (known) return known;
    const column = new Column();
    this.#columns.set(name, column);
    this.#pad(column, fill);
    return column;
  }

  #pad(column: Column, fill: number): void {
    while (column.blocks.length * blockRows + column.filled < this.length) this.#push(column, fill);
  }

  #push(column: Column, number: number): void {
    if (column.push(number)) this.#bytes += 8 * blockRows;
  }
}
