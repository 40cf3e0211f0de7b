/** Rows of a table as a model takes them. */
import { OnecycleError } from '../../../errors.js';
import type { Column, Table } from '../../table/table.js';
import { CategoryIndex } from './categorify.js';
import { columnOf, numbersOf } from './columns.js';
import { widthOf, type Category, type TableProcessing } from './spec.js';

/** Index 0 of a category is for what is missing or unknown; a mark is fastai's category of False and True. */
const known = 1;
const [isThere, isMissing] = [1, 2];

/** Turns parts of a table into rows of numbers: the categories, the marks of what was missing, the other columns. */
export class TableEncoder {
  /** Numbers of a row. */
  readonly width: number;
  private readonly categories: { category: Category; index: CategoryIndex }[];
  private readonly classes: CategoryIndex;

  constructor(private readonly spec: TableProcessing) {
    this.width = widthOf(spec);
    this.categories = spec.categorical.map((category) => ({ category, index: new CategoryIndex(category.values) }));
    this.classes = new CategoryIndex(spec.target.kind === 'classes' ? spec.target.values : []);
  }

  /** Writes the inputs of a part's rows to `out`, [rows, width]. @throws OnecycleError `bad_data` as `columnOf` */
  encode(part: Table, out: Float32Array): void {
    let at = 0;
    const write = (valueOf: (row: number) => number) => {
      for (let row = 0; row < part.rows; row++) out[row * this.width + at] = valueOf(row);
      at++;
    };
    for (const { category, index } of this.categories) {
      const placeOf = index.placesOf(columnOf(part, category.name));
      write((row) => placeOf(row) + known);
    }
    const columns = this.spec.continuous.map((column) => ({ ...column, values: numbersOf(part, column.name) }));
    for (const { marked, values } of columns)
      if (marked) write((row) => (Number.isNaN(values[row]) ? isMissing : isThere));
    for (const { values, fill, mean, std } of columns)
      write((row) => ((Number.isNaN(values[row]) ? fill : values[row]) - mean) / std);
  }

  /**
   * Writes the targets of a part's rows to `out`, [rows] or [rows, outputs]; the first of them is row `first`.
   * @throws OnecycleError `bad_data` with the row, from 1 on, where a target is missing or not among the classes
   */
  encodeTargets(part: Table, first: number, out: Int32Array | Float32Array): void {
    const { target } = this.spec;
    if (target.kind === 'classes') {
      const column = columnOf(part, target.name);
      const placeOf = this.classes.placesOf(column);
      for (let row = 0; row < part.rows; row++) {
        out[row] = placeOf(row);
        if (out[row] < 0) throw badTarget(target.name, first + row, textOf(column, row));
      }
      return;
    }
    target.names.forEach((name, i) => {
      const values = numbersOf(part, name);
      for (let row = 0; row < part.rows; row++) {
        if (!Number.isFinite(Math.fround(values[row]))) throw badTarget(name, first + row, null);
        out[row * target.names.length + i] = values[row];
      }
    });
  }
}

const textOf = (column: Column, row: number): string | null => {
  if (column.type === 'text') return column.codes[row] < 0 ? null : column.texts[column.codes[row]];
  return Number.isNaN(column.values[row]) ? null : String(column.values[row]);
};

function badTarget(name: string, row: number, value: string | null): OnecycleError {
  const said = value === null ? 'has no value' : `has ${JSON.stringify(value)}, which no training row had,`;
  return new OnecycleError('bad_data', `Row ${row + 1} ${said} in the column to predict, ${JSON.stringify(name)}`);
}
