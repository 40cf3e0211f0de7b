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
    const frames = await this.read(from, this.#count);
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
