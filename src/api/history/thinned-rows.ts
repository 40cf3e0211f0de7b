/** Which rows thinning keeps, where rows come from the last one back and only how many there are is known. */
import { buckets, height, type Cell } from '../../numbers/thin.js';

/** A row of thinning, and where it was found. */
export interface FoundRow<Place> {
  row: number;
  place: Place;
}

/** As `thin` has it, of rows that are told from the last one to the first. */
export class ThinnedRows<Place> {
  readonly #most: number;
  readonly #buckets: [from: number, to: number][];
  readonly #kept: (rows: FoundRow<Place>[]) => void;
  #from: number;
  #last: FoundRow<Place> | null = null;
  #low: FoundRow<Place> | null = null;
  #high: FoundRow<Place> | null = null;
  #lowest = Infinity;
  #highest = -Infinity;

  /** `kept` is told the rows that stay, bucket by bucket, the last one of all first. */
  constructor(rows: number, most: number, kept: (rows: FoundRow<Place>[]) => void) {
    this.#most = most;
    this.#buckets = buckets(rows, most);
    this.#from = this.#buckets.at(-1)![0];
    this.#kept = kept;
  }

  /** Tells the row before the last one that was told. */
  add(row: number, value: Cell, place: Place): void {
    const at = height(value);
    this.#last ??= { row, place };
    // Of equal values the first stays, which comes last.
    if (!this.#low || at <= this.#lowest) {
      this.#low = { row, place };
      this.#lowest = at;
    }
    if (!this.#high || at >= this.#highest) {
      this.#high = { row, place };
      this.#highest = at;
    }
    if (row === this.#from) this.#end(this.#last, this.#high, this.#low);
  }

  #end(...rows: FoundRow<Place>[]): void {
    const once = rows.filter(({ row }, i) => rows.findIndex((other) => other.row === row) === i);
    this.#kept(once.slice(0, this.#most).sort((a, b) => b.row - a.row));
    this.#last = this.#low = this.#high = null;
    this.#buckets.pop();
    this.#from = this.#buckets.at(-1)?.[0] ?? 0;
  }
}
