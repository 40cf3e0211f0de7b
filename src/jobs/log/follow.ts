/** A job's log from a frame on: what is stored, then what comes, each frame once and in order, up to the last. */
import type { StoredFrame } from '../frames.js';
import { keys } from '../redis/keys.js';
import { isTerminal, type JobStatus } from '../record.js';
import type { Client } from '../redis/client.js';
import { Pager, type ReadFrames } from './pages.js';
import type { Tail, Tails } from './tails.js';

/** A follower gets stored frames page by page. A thousand that do not read may have one each in memory. */
export const followedPage = { characters: 64 * 1024, frames: 100 };

/**
 * Ends after the terminal status frame, or when the signal is aborted; at once where the job does not exist or has
 * ended before `from`, or has been deleted meanwhile and its log with it.
 * @param read gives up to `count` stored frames from a number on.
 */
export async function* followLog(
  redis: Client,
  tails: Tails,
  read: ReadFrames,
  id: string,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<StoredFrame> {
  const [status, seq] = await redis.hmget(keys.record(id), 'status', '_seq');
  if (!status || (isTerminal(status as JobStatus) && from >= Number(seq))) return;
  let next = Math.min(from, Number(seq));
  let tail: Tail | undefined;
  let [silent, deleted] = [false, false];
  const pager = new Pager(read, followedPage);
  try {
    while (!signal.aborted) {
      // After a long silence: the log may have gone to storage under a reader far behind.
      const frames = (silent ? null : tail?.since(next)) ?? (await pager.page(next));
      for (const frame of frames) {
        if (frame.seq >= from) yield frame;
        if (frame.last) return;
      }
      next = (frames.at(-1)?.seq ?? next - 1) + 1;
      if (frames.length > 0) continue;
      if (deleted) return;
      // What was deleted has been logged to its end before: that is read once more.
      deleted = (silent || !tail) && (await redis.exists(keys.record(id))) === 0;
      if (deleted) continue;
      if (tail) silent = await tail.silent(signal);
      else tail = tails.join(id, next);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    if (tail) tails.leave(id, tail);
  }
}
