/**
 * Pages of logs that were read a short while ago: of a thousand readers who begin at the same place, one reads Redis,
 * and what waits for them is in memory once.
 */
import { LRUCache } from 'lru-cache';
import type { StoredFrame } from '../frames.js';
import { lengthOf } from './entries.js';
import type { PageSize } from './pages.js';

/** Pages that are kept, and how much larger than asked for they may be: a frame may have a megabyte. */
const keptPages = 64;
const tolerance = 2;

/** The pages of one process. */
export class SharedPages {
  readonly #read: (id: string, from: number, count: number) => Promise<StoredFrame[]>;
  readonly #size: PageSize;
  readonly #pages = new LRUCache<string, Promise<StoredFrame[]>>({ max: keptPages });

  constructor(read: (id: string, from: number, count: number) => Promise<StoredFrame[]>, size: PageSize) {
    this.#read = read;
    this.#size = size;
  }

  /** Up to `count` stored frames from a number on. */
  read(id: string, from: number, count: number): Promise<StoredFrame[]> {
    const key = `${id} ${from} ${count}`;
    const known = this.#pages.get(key);
    if (known) return known;
    const reading = this.#read(id, from, count);
    this.#pages.set(key, reading);
    const forget = (): void => {
      if (this.#pages.peek(key) === reading) this.#pages.delete(key);
    };
    reading.then((frames) => {
      // A page that is not full yet grows; a log does not change otherwise.
      if (frames.length < count || lengthOf(frames) > tolerance * this.#size.characters) forget();
    }, forget);
    return reading;
  }
}
