/** Choices that a seed repeats. */
import { permutation, uniform } from '../../../src/numbers/random.js';

/** The same seed gives the same choices in the same order. */
export class Dice {
  #thrown = 0;

  /** `seed`: a non-negative safe integer. */
  constructor(readonly seed: number) {}

  /** A number from `low` up to `high`. */
  between(low: number, high: number): number {
    return uniform(new Float32Array(1), this.#stream(), low, high)[0];
  }

  /** All of them in another order. */
  shuffled<T>(all: readonly T[]): T[] {
    return Array.from(permutation(all.length, this.#stream()), (i) => all[i]);
  }

  #stream() {
    return { seed: this.seed, purpose: 'order', index: this.#thrown++ } as const;
  }
}
