/** A growing column of numbers, with its extremes by blocks, so that a part of it is drawn without reading all of it. */

/** Values of the smallest block, and blocks that make one of the next level. */
const block = 16;
const fan = 8;

/** Of each complete block of a level where its lowest and its highest value stand; -1 where none is finite. */
interface Level {
  low: Int32Array;
  high: Int32Array;
  /** Complete blocks. */
  length: number;
}

/** Numbers in typed memory; NaN where there is none. */
export class Column {
  #values: Float64Array;
  #length: number;
  #levels: Level[] = [];

  constructor(values: Float64Array = new Float64Array(256), length = 0) {
    this.#values = values;
    this.#length = length;
  }

  /** A column of these; null is NaN. */
  static from(values: ArrayLike<number | null>): Column {
    return new Column(
      Float64Array.from({ length: values.length }, (_, i) => values[i] ?? NaN),
      values.length,
    );
  }

  get length(): number {
    return this.#length;
  }

  /** The value at an index below `length`. */
  at(index: number): number {
    return this.#values[index];
  }

  /** All values, as they are now. */
  values(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Float64Array(this.#length * 2 + 16);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  /** Takes away what stands at `length` and after it. */
  truncate(length: number): void {
    if (length >= this.#length) return;
    this.#length = length;
    let size = block;
    for (const level of this.#levels) {
      level.length = Math.min(level.length, Math.floor(length / size));
      size *= fan;
    }
  }

  /** How many values stand before the first that is at least `value`; the column must be sorted. */
  lowerBound(value: number, from = 0): number {
    let [low, high] = [from, this.#length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#values[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * Writes where from `from` to before `to` the lowest and the highest finite value stand; -1 twice where there is none.
   */
  extremes(from: number, to: number, found: { low: number; high: number }): void {
    this.#update();
    found.low = found.high = -1;
    let at = from;
    while (at < to) {
      let size = 1;
      let depth = -1;
      // The largest block that begins here and is over before the end.
      while (depth + 1 < this.#levels.length) {
        const next = size === 1 ? block : size * fan;
        const { length } = this.#levels[depth + 1];
        if (at % next !== 0 || at + next > to || at / next >= length) break;
        size = next;
        depth++;
      }
      if (depth < 0) this.#consider(at, at, found);
      else {
        const { low, high } = this.#levels[depth];
        this.#consider(low[at / size], high[at / size], found);
      }
      at += size;
    }
  }

  #consider(low: number, high: number, found: { low: number; high: number }): void {
    if (low < 0 || !Number.isFinite(this.#values[low])) return;
    if (found.low < 0 || this.#values[low] < this.#values[found.low]) found.low = low;
    if (found.high < 0 || this.#values[high] > this.#values[found.high]) found.high = high;
  }

  /** Adds the blocks that have become complete. */
  #update(): void {
    const found = { low: -1, high: -1 };
    let below: Level | null = null;
    for (let depth = 0, size = block; size <= this.#length; depth++, size *= fan) {
      const count = Math.floor(this.#length / size);
      const level = (this.#levels[depth] ??= { low: new Int32Array(16), high: new Int32Array(16), length: 0 });
      if (level.low.length < count) {
        level.low = grown(level.low, count * 2);
        level.high = grown(level.high, count * 2);
      }
      for (; level.length < count; level.length++) {
        found.low = found.high = -1;
        const first = level.length * (below === null ? block : fan);
        const last = first + (below === null ? block : fan);
        for (let i = first; i < last; i++)
          if (below === null) this.#consider(i, i, found);
          else this.#consider(below.low[i], below.high[i], found);
        level.low[level.length] = found.low;
        level.high[level.length] = found.high;
      }
      below = level;
    }
  }
}

function grown(array: Int32Array, length: number): Int32Array {
  const next = new Int32Array(length);
  next.set(array);
  return next;
}
