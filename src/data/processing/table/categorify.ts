/** fastai's `Categorify`: a category's values, in order, and the index of each. */
import { inOrder } from '../../table/in-order.js';
import type { Column } from '../../table/table.js';
import type { Category } from './spec.js';

type Values = Category['values'];

/** Finds the values that a column has in some of its rows. */
export class CategoryFinder {
  private readonly found = new Set<string | number>();
  private type: Category['type'] | null = null;

  /** Notes the values of a part of the column, of the rows that `counts` picks. */
  add(column: Column, counts: (row: number) => boolean): void {
    this.type ??= column.type;
    if (column.type !== 'text') {
      column.values.forEach((value, row) => {
        if (!Number.isNaN(value) && counts(row)) this.found.add(value);
      });
      return;
    }
    const used = new Uint8Array(column.texts.length);
    column.codes.forEach((code, row) => {
      if (code >= 0 && counts(row)) used[code] = 1;
    });
    column.texts.forEach((text, code) => {
      if (used[code] === 1) this.found.add(text);
    });
  }

  /** The values, as fastai's CategoryMap sorts them. */
  take(): Pick<Category, 'type' | 'values'> {
    return { type: this.type ?? 'text', values: [...this.found].sort(inOrder) };
  }
}

/** Finds a value's place among the values of a category: −1 where it is missing or not among them. */
export class CategoryIndex {
  private readonly places: ReadonlyMap<string | number, number>;

  constructor(values: Values) {
    this.places = new Map(values.map((value, place) => [value, place]));
  }

  /** The place of one value. */
  placeOf(value: string | number): number {
    return this.places.get(value) ?? -1;
  }

  /** The place of a column's value in a row, as a function of the row. */
  placesOf(column: Column): (row: number) => number {
    if (column.type !== 'text') return (row) => this.placeOf(column.values[row]);
    const places = column.texts.map((text) => this.placeOf(text));
    return (row) => (column.codes[row] < 0 ? -1 : places[column.codes[row]]);
  }
}
