/** A log page by page: frames may have a thousand bytes or a million. */
import type { StoredFrame } from '../frames.js';
import { lengthOf } from './entries.js';

const firstPageFrames = 16;

/** How large a page may be. */
export interface PageSize {
  characters: number;
  frames: number;
}

/** What reads a log's frames, up to `count` of them. */
export type ReadFrames = (from: number, count: number) => Promise<StoredFrame[]>;

/** Pages of about so many characters, as the last one tells. */
export class Pager {
  #count = firstPageFrames;

  constructor(
    readonly read: ReadFrames,
    readonly size: PageSize,
  ) {}

  /** The frames from a number on; none at the end. */
  async page(from: number): Promise<StoredFrame[]> {
    return this.#learn(await this.read(from, this.#count));
  }

  /** The frames before a number, back to number `from` at most. */
  async pageBefore(end: number, from: number): Promise<StoredFrame[]> {
    const start = Math.max(from, end - this.#count);
    return this.#learn(await this.read(start, end - start));
  }

  #learn(frames: StoredFrame[]): StoredFrame[] {
    const characters = lengthOf(frames);
    if (characters > 0)
      this.#count = Math.max(
        1,
        Math.min(Math.floor((this.size.characters * frames.length) / characters), this.size.frames),
      );
    return frames;
  }
}

/** Pages of what is stored, from a frame on to the last one so far. */
export async function* pagesOf(read: ReadFrames, from: number, size: PageSize): AsyncGenerator<StoredFrame[]> {
  const pager = new Pager(read, size);
  for (let next = from; ;) {
    const frames = await pager.page(next);
    if (frames.length === 0) return;
    yield frames;
    next = frames.at(-1)!.seq + 1;
  }
}

/**
 * The same from the last frame back: pages of the frames from number `from` to before `end`, each in order. It ends early
 * where some of them are gone.
 */
export async function* pagesBack(
  read: ReadFrames,
  from: number,
  end: number,
  size: PageSize,
): AsyncGenerator<StoredFrame[]> {
  const pager = new Pager(read, size);
  for (let next = end; next > from;) {
    const frames = await pager.pageBefore(next, from);
    if (frames.at(-1)?.seq !== next - 1) return;
    yield frames;
    next = frames[0].seq;
  }
}
