/** A job's log from a frame on: what is stored, then what comes, each frame once and in order, up to the last. */
import type { StoredFrame } from '../frames.js';
import { keys } from '../redis/keys.js';
import { isTerminal, type JobStatus } from '../record.js';
import type { Client } from '../redis/client.js';
import type { Tail, Tails } from './tails.js';

/**
 * Ends after the terminal status frame, or when the signal is aborted; at once where the job does not exist or has
 * ended before `from`.
 * @param read gives stored frames from a number on.
 */
export async function* followLog(
  redis: Client,
  tails: Tails,
  read: (from: number) => Promise<StoredFrame[]>,
  id: string,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<StoredFrame> {
  const [status, seq] = await redis.hmget(keys.record(id), 'status', '_seq');
  if (!status || (isTerminal(status as JobStatus) && from >= Number(seq))) return;
  let next = Math.min(from, Number(seq));
  let tail: Tail | undefined;
  let silent = false;
  try {
    while (!signal.aborted) {
      // After a long silence: the log may have gone to storage under a reader far behind.
      const frames = (silent ? null : tail?.since(next)) ?? (await read(next));
      for (const frame of frames) {
        if (frame.seq >= from) yield frame;
        if (frame.last) return;
      }
      next = (frames.at(-1)?.seq ?? next - 1) + 1;
      if (frames.length > 0) continue;
      if (tail) silent = await tail.silent(signal);
      else tail = tails.join(id, next);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    if (tail) tails.leave(id, tail);
  }
}
