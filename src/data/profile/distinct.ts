/** How many different values there are, in bounded memory. */

/** Below so many the count is exact; above, it is off by about half a percent. */
const capacity = 65_536;

/**
 * Counts different values by a sample of their hashes: those that end in so many zero bits, ever more of them as values
 * come (Wegman's adaptive sampling).
 */
export class DistinctCount {
  #sample = new Set<number>();
  #bits = 0;

  add(value: string | number): void {
    const hash = typeof value === 'number' ? hashOfNumber(value) : hashOf(value);
    if (hash % 2 ** this.#bits !== 0) return;
    this.#sample.add(hash);
    while (this.#sample.size > capacity) {
      this.#bits++;
      this.#sample = new Set([...this.#sample].filter((each) => each % 2 ** this.#bits === 0));
    }
  }

  get exact(): boolean {
    return this.#bits === 0;
  }

  get count(): number {
    return this.#sample.size * 2 ** this.#bits;
  }
}

/** 53 bits of a text: two 32-bit multiply-and-shift hashes (bryc's cyrb53, public domain). */
function hashOf(text: string): number {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  return mixed(a, b);
}

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** The same of a number's 64 bits. */
function hashOfNumber(value: number): number {
  double[0] = value === 0 ? 0 : value; // -0 is 0
  const a = Math.imul(Math.imul(0xdeadbeef ^ words[0], 2654435761) ^ words[1], 2654435761);
  return mixed(a, Math.imul(Math.imul(0x41c6ce57 ^ words[0], 1597334677) ^ words[1], 1597334677));
}

function mixed(first: number, second: number): number {
  let [a, b] = [first, second];
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}
