/** A job's log from a frame on: what is stored, then what comes, each frame once and in order, up to the last. */
import type { Frame } from './frames.js';
import { keys } from './keys.js';
import { isLast, readLog } from './log.js';
import { isTerminal, type JobStatus } from './record.js';
import type { Client } from './redis.js';
import type { Tail, Tails } from './tails.js';

/** Frames read from Redis at a time. */
const page = 500;

/** Ends after the terminal status frame, or when the signal is aborted; at once where the job does not exist or has ended before `from`. */
export async function* followLog(redis: Client, tails: Tails, id: string, from: number, signal: AbortSignal): AsyncGenerator<Frame> {
  const [status, seq] = await redis.hmget(keys.record(id), 'status', '_seq');
  if (!status || (isTerminal(status as JobStatus) && from >= Number(seq))) return;
  let next = Math.min(from, Number(seq));
  let tail: Tail | undefined;
  try {
    while (!signal.aborted) {
      const frames: Frame[] = tail?.since(next) ?? (await readLog(redis, id, next, page));
      for (const frame of frames) {
        if (frame.seq >= from) yield frame;
        if (isLast(frame)) return;
      }
      next = (frames.at(-1)?.seq ?? next - 1) + 1;
      if (frames.length > 0) continue;
      if (tail) await tail.changed(signal);
      else tail = tails.join(id, next);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    if (tail) tails.leave(id, tail);
  }
}
