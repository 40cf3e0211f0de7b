/**
 * The live ends of the logs that are followed: one connection of a process reads them all, blocking, and every reader
 * shares what it brings. A tail keeps its last frames; who falls behind them reads Redis by itself, so that nobody
 * waits for a slow reader.
 */
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredFrame } from '../frames.js';
import { keys } from '../redis/keys.js';
import { decodeEntry, lengthOf } from './entries.js';
import { holderOf } from '../redis/cluster.js';
import { openRedis, type Client, type RedisAddress } from '../redis/client.js';

/** Frames, and characters of them, that a tail keeps in memory; it forgets some when they have become twice as many. */
const keptFrames = 1000;
const keptCharacters = 4_000_000;
/** Frames of a log that one read brings at most: they may have a megabyte each. */
const readFrames = 100;
/** Longest silence of a blocking read; it is ended early when another log is to be read. */
const blockMs = 10_000;

/** The live end of one log. */
export class Tail {
  readers = 0;
  readonly #frames: StoredFrame[] = [];
  #characters = 0;
  readonly #changes = new EventEmitter().setMaxListeners(0);

  /** `next`: the number of the frame that comes next. */
  constructor(public next: number) {}

  push(frames: StoredFrame[]): void {
    const arrivedMs = performance.now();
    for (const frame of frames) frame.arrivedMs = arrivedMs;
    this.#frames.push(...frames);
    this.#characters += lengthOf(frames);
    if (this.#frames.length > 2 * keptFrames || this.#characters > 2 * keptCharacters) this.#forget();
    this.next = frames.at(-1)!.seq + 1;
    this.#changes.emit('change', false);
  }

  /** Some frames from `from` on; null where they are so old that Redis alone has them. */
  since(from: number): StoredFrame[] | null {
    if (from >= this.next) return [];
    const first = this.#frames[0]?.seq ?? this.next;
    return from >= first ? this.#frames.slice(from - first, from - first + readFrames) : null;
  }

  /** Drops the oldest, down to what is kept. */
  #forget(): void {
    let [frames, characters] = [0, 0];
    while (frames < Math.min(this.#frames.length, keptFrames) && characters < keptCharacters)
      characters += this.#frames.at(-++frames)!.json.length;
    this.#frames.splice(0, this.#frames.length - frames);
    this.#characters = characters;
  }

  /** Says that a long read brought nothing. */
  idle(): void {
    this.#changes.emit('change', true);
  }

  /** Waits for more frames; true where a long read brought none. Rejects when the signal is aborted. */
  async silent(signal: AbortSignal): Promise<boolean> {
    const [silent] = (await once(this.#changes, 'change', { signal })) as [boolean];
    return silent;
  }
}

/** The live ends of all logs that this process follows. */
export class Tails {
  readonly #tails = new Map<string, Tail>();
  readonly #reader: Client;
  readonly #waker: Client;
  #readerId = 0;
  #reading: Promise<void> | null = null;
  /** Counts the tails that were added; a read knows those up to its own count. */
  #added = 0;
  #known = 0;
  #closed = false;

  constructor(address: RedisAddress, waker: Client) {
    // A read that lost its connection is made anew, with what is to be read by then.
    this.#reader = openRedis(address, 'failing');
    this.#waker = waker;
  }

  /** Joins a log's tail, which is read from `next` on if nobody does yet. */
  join(id: string, next: number): Tail {
    let tail = this.#tails.get(id);
    if (!tail) {
      tail = new Tail(next);
      this.#tails.set(id, tail);
      this.#added++;
      if (this.#reading) void this.#interrupt();
      else this.#reading = this.#read();
    }
    tail.readers++;
    return tail;
  }

  leave(id: string, tail: Tail): void {
    tail.readers--;
    if (tail.readers === 0) this.#tails.delete(id);
  }

  /** Of each log that is followed, the number of the frame that is read next. */
  get next(): [id: string, seq: number][] {
    return [...this.#tails].map(([id, { next }]) => [id, next]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#reader.disconnect();
    await this.#reading;
  }

  async #read(): Promise<void> {
    while (this.#tails.size > 0 && !this.#closed) {
      this.#known = this.#added;
      try {
        await this.#readOnce([...this.#tails]);
      } catch {
        // The connection is gone; ioredis is at it already.
        await sleep(50);
      }
    }
    this.#reading = null;
  }

  async #readOnce(tails: [id: string, tail: Tail][]): Promise<void> {
    const begun = performance.now();
    const names = tails.map(([id]) => keys.log(id));
    // Of `<seq>-1`, the greatest id below the next frame's.
    const after = tails.map(([, { next }]) => `${next}-0`);
    holderOf(this.#reader)
      ?.client('ID')
      .then(
        (id) => (this.#readerId = id),
        () => undefined,
      );
    const answer = await this.#reader.xread('COUNT', readFrames, 'BLOCK', blockMs, 'STREAMS', ...names, ...after);
    if (performance.now() - begun >= blockMs) for (const [, tail] of tails) tail.idle();
    for (const [name, entries] of answer ?? []) tails[names.indexOf(name)][1].push(entries.map(decodeEntry));
  }

  /**
   * Ends the read that doesn't know of the newest tail; tried again while it doesn't, as it may not yet have blocked.
   */
  async #interrupt(): Promise<void> {
    const wanted = this.#added;
    while (this.#reading && this.#known < wanted && !this.#closed) {
      await holderOf(this.#waker)
        ?.client('UNBLOCK', this.#readerId)
        .catch(() => undefined);
      await sleep(1);
    }
  }
}
