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
    const hash = hashOf(String(value));
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
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}
