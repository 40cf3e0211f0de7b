/** The median of numbers that come one after another, in bounded memory. */

/** Keeps every number, and once there are too many every second of them, every fourth, … */
export class Median {
  #kept = new Float64Array(1024);
  #count = 0;
  #seen = 0;
  #step = 1;

  /** `capacity`: how many numbers are kept at most; a power of two, at least 1024. */
  constructor(private readonly capacity: number) {}

  add(value: number): void {
    if (this.#seen++ % this.#step !== 0) return;
    if (this.#count === this.capacity) this.#thin();
    else if (this.#count === this.#kept.length) this.#grow();
    // After thinning, this one may be between two steps.
    if ((this.#seen - 1) % this.#step === 0) this.#kept[this.#count++] = value;
  }

  /** Of how many numbers one was kept; 1: the median is exact. */
  get step(): number {
    return this.#step;
  }

  /** null where there were none. */
  get value(): number | null {
    if (this.#count === 0) return null;
    const sorted = this.#kept.slice(0, this.#count).sort();
    const middle = Math.floor(this.#count / 2);
    return this.#count % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  #grow(): void {
    const larger = new Float64Array(Math.min(this.capacity, 2 * this.#kept.length));
    larger.set(this.#kept);
    this.#kept = larger;
  }

  #thin(): void {
    this.#step *= 2;
    this.#count /= 2;
    for (let i = 0; i < this.#count; i++) this.#kept[i] = this.#kept[2 * i];
  }
}
