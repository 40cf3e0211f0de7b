import type { Complete } from '../../../schema/complete.js';
import { Median } from '../../profile/median.js';
import type { Table } from '../../table/table.js';
import { columnOf, numbersOf } from './columns.js';
import type { FillMissingSchema } from './fill-missing.js';
import { Moments } from './normalize.js';
import type { Continuous } from './spec.js';

/** Numbers that a median keeps: it is exact up to a million rows that train, beyond that of every second, fourth, … */
const keptNumbers = 2 ** 20;

/** Finds what stands for a column's missing numbers, and the moments of all, in the rows that train. */
export class NumberFinder {
  private readonly moments = new Moments();
  private readonly median = new Median(keptNumbers);
  private readonly counts = new Map<number, number>();
  private missing = 0;
  private type: Continuous['type'] = 'number';

  constructor(
    private readonly name: string,
    private readonly options: Complete<typeof FillMissingSchema>,
  ) {}

  /** Notes the numbers of a part of the table, of the rows that `counts` picks. */
  add(part: Table, counts: (row: number) => boolean): void {
    const values = numbersOf(part, this.name);
    if (columnOf(part, this.name).type === 'date') this.type = 'date';
    for (let row = 0; row < part.rows; row++) {
      if (!counts(row)) continue;
      if (Number.isNaN(values[row])) this.missing++;
      else this.see(values[row]);
    }
  }

  /** The column as it is kept. */
  take(): Continuous {
    const { name, type, missing } = this;
    const fill = this.fill();
    this.moments.add(fill, missing);
    return { name, type, fill, marked: this.options.add_col && missing > 0, ...this.moments.take() };
  }

  private see(value: number): void {
    this.moments.add(value);
    if (this.options.fill_strategy === 'median') this.median.add(value);
    if (this.options.fill_strategy === 'mode') this.counts.set(value, (this.counts.get(value) ?? 0) + 1);
  }

  /** Without any number it is 0. */
  private fill(): number {
    const { fill_strategy, fill_vals } = this.options;
    if (fill_strategy === 'constant') return Object.hasOwn(fill_vals, this.name) ? fill_vals[this.name] : 0;
    return fill_strategy === 'median' ? (this.median.value ?? 0) : mostFrequent(this.counts);
  }
}

/** Of several, the one that came first. */
function mostFrequent(counts: ReadonlyMap<number, number>): number {
  let [most, found] = [0, 0];
  for (const [value, count] of counts) if (count > most) [most, found] = [count, value];
  return found;
}
