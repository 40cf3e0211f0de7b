/** What is found out of a column, part by part. */
import type { Column, DateColumn, NumberColumn, TextColumn } from '../table/table.js';
import { DistinctCount } from './distinct.js';
import { Median } from './median.js';
import type { ClassInfo, KeptColumn } from './schema.js';

/** Values are kept with their counts up to so many; what has more is no target of a classification. */
export const keptValues = 10_000;
/** A longer text is no category, and not kept. */
const keptCharacters = 500;
/** Text with at most so many values is a category, if they are not nearly as many as the rows. */
const categoryValues = 1000;
const surelyCategory = 20;

/** Gathers what a profile says of a column. */
export class ColumnProfile {
  #rows = 0;
  #missing = 0;
  #counts: Map<string | number, number> | null = new Map();
  readonly #distinct = new DistinctCount();
  readonly #median: Median;
  #min = Infinity;
  #max = -Infinity;
  #sum = 0;
  #whole = true;

  constructor(
    private readonly name: string,
    private readonly type: Column['type'],
    private readonly integer: boolean | undefined,
    medianCapacity: number,
  ) {
    this.#median = new Median(medianCapacity);
  }

  add(column: Column): void {
    if (column.type === 'text') this.#addTexts(column);
    else this.#addNumbers(column);
  }

  #addNumbers({ values }: NumberColumn | DateColumn): void {
    this.#rows += values.length;
    for (const value of values) {
      if (Number.isNaN(value)) {
        this.#missing++;
        continue;
      }
      if (value < this.#min) this.#min = value;
      if (value > this.#max) this.#max = value;
      this.#sum += value;
      this.#whole &&= Number.isInteger(value);
      this.#median.add(value);
      this.#count(value, 1);
    }
  }

  #addTexts({ codes, texts }: TextColumn): void {
    this.#rows += codes.length;
    const counts = new Uint32Array(texts.length);
    for (const code of codes) {
      if (code < 0) this.#missing++;
      else counts[code]++;
    }
    for (const [code, text] of texts.entries()) if (counts[code] > 0) this.#count(text, counts[code]);
  }

  #count(value: string | number, rows: number): void {
    if (this.#counts === null) {
      this.#distinct.add(value);
      return;
    }
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + rows);
    const isLong = typeof value === 'string' && value.length > keptCharacters;
    if (this.#counts.size <= keptValues && !isLong) return;
    for (const each of this.#counts.keys()) this.#distinct.add(each);
    this.#counts = null;
  }

  result(): KeptColumn {
    const unique = this.#counts?.size ?? Math.min(this.#distinct.count, this.#rows - this.#missing);
    const approximate = this.#counts === null && !this.#distinct.exact;
    const common = { name: this.name, missing: this.#missing, unique, ...(approximate && { approximate }) };
    const values = this.#values();
    if (this.type === 'text') return { ...common, type: this.#textType(unique), ...(values && { values }) };
    const extremes = this.#extremes();
    if (this.type === 'date') return { ...common, type: 'date', ...extremes };
    const present = this.#rows - this.#missing;
    const integer = this.#missing === 0 && (this.integer ?? this.#whole);
    const { step, value: median } = this.#median;
    const mean = present === 0 ? null : this.#sum / present;
    const every = step > 1 ? { median_of_every: step } : {};
    return { ...common, type: 'number', integer, ...extremes, mean, median, ...every, ...(values && { values }) };
  }

  #textType(unique: number): 'category' | 'text' {
    const few = unique <= surelyCategory || (unique <= categoryValues && 2 * unique <= this.#rows);
    return few && this.#counts !== null ? 'category' : 'text';
  }

  #extremes(): Pick<KeptColumn, 'min' | 'max'> {
    if (this.#min > this.#max) return { min: null, max: null };
    if (this.type === 'number') return { min: this.#min, max: this.#max };
    return { min: new Date(this.#min).toISOString(), max: new Date(this.#max).toISOString() };
  }

  #values(): ClassInfo[] | undefined {
    if (this.#counts === null || this.type === 'date') return undefined;
    const sorted = [...this.#counts].sort(([a], [b]) =>
      typeof a === 'number' && typeof b === 'number' ? a - b : a < b ? -1 : a > b ? 1 : 0,
    );
    return sorted.map(([value, rows]) => ({ name: String(value), rows }));
  }
}
