/** From a job's log to one client, by whatever it listens with. */
import type { Gap, StoredFrame } from '../jobs/frames.js';

/** One client. */
export interface Sink {
  send(message: StoredFrame | Gap): void;
  /** Bytes that wait for the client to take them. */
  readonly waiting: number;
  /** Settles when all that was sent has left this process, or the client is gone. */
  flushed(): Promise<void>;
}

export interface Patience {
  /** Bytes that may wait for a client before it has to take them. */
  highWater: number;
  /** How long it may need to take them, in ms. A client that needs longer is skipped ahead. */
  ms: number;
}

/** Sends frames until the last one, and says whether that was reached. Holds no more than `highWater` and a frame for a client. */
export async function pump(
  frames: AsyncIterable<StoredFrame>,
  sink: Sink,
  { highWater, ms }: Patience,
): Promise<boolean> {
  let gap: Gap | undefined;
  for await (const frame of frames) {
    const keepsUp = sink.waiting <= highWater || (!gap && (await within(sink.flushed(), ms)));
    if (!keepsUp && !frame.last) {
      gap = { type: 'gap', from: gap?.from ?? frame.seq, to: frame.seq };
      continue;
    }
    if (!keepsUp) await sink.flushed();
    if (gap) sink.send(gap);
    gap = undefined;
    sink.send(frame);
    if (frame.last) return true;
  }
  return false;
}

async function within(promise: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, ms, false)));
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
