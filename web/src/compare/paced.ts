/** Changes that come close together are one: a page with many runs is drawn once for all that have just come. */

/** Collects for so long what comes in. */
const collectMs = 100;

/** Calls `flush` with all that `add` was given, some time after the first of them. */
export class Paced<T> {
  #waiting: T[] = [];

  constructor(private readonly flush: (all: readonly T[]) => void) {}

  add(one: T): void {
    this.#waiting.push(one);
    if (this.#waiting.length === 1) setTimeout(() => this.now(), collectMs);
  }

  /** Flushes what is there, without waiting. */
  now(): void {
    const all = this.#waiting;
    this.#waiting = [];
    if (all.length > 0) this.flush(all);
  }
}
