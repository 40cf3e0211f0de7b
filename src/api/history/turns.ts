/** So many at once, some more that wait for their turn, and no others. */
import { OnecycleError } from '../../errors.js';

/** Hands out turns in the order in which they were asked for. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];
  readonly #mostWaiting: number;

  constructor(atOnce: number, mostWaiting: number) {
    this.#free = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /** Waits for a turn; returns what ends it, once. @throws OnecycleError `busy` where too many wait already */
  async take(): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else {
      if (this.#waiting.length >= this.#mostWaiting)
        throw new OnecycleError('busy', `${this.#mostWaiting} others wait to read curves already.`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    };
  }
}
