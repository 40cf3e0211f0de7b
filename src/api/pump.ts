/** From a job's log to one client, by whatever it listens with. */
import type { Gap, StoredFrame } from '../jobs/frames.js';
import { within } from './within.js';

/** A client that listens, by WebSocket or by server-sent events. */
export interface Sink {
  send(message: StoredFrame | Gap): void;
  /** Bytes that wait for the client to take them. */
  readonly waitingBytes: number;
  /** Settles when all that was sent has left this process, or the client is gone. */
  flushed(): Promise<void>;
}

/** How long a client is waited for before it is skipped ahead, and before it is let go. */
export interface Patience {
  /** Bytes that may wait for a client before it has to take them. */
  maxWaitingBytes: number;
  /** Milliseconds that it may need to take them; then it is skipped ahead. */
  maxWaitMs: number;
  /** Milliseconds after that in which it must have taken them; then it is let go. */
  maxSilentMs: number;
}

/** The log that frames come from. */
export interface Source {
  /** The frames from a number on, as they come. */
  follow(from: number): AsyncIterable<StoredFrame>;
  /** The number of the newest frame that is stored. */
  newest(): Promise<number>;
  /** Aborted when nobody is to get any more. */
  signal: AbortSignal;
}

/** What a stream came to: its last frame was sent, there are no more for another reason, or its client took nothing. */
export type Outcome = 'ended' | 'cut' | 'dropped';

/** For so long a client is waited for with a page of the log in memory, and for the rest of the time without. */
const briefMs = 500;

/**
 * Sends frames from a number on until the last one. Holds no more than `maxWaitingBytes` and one frame for a client that
 * does not take them.
 */
export async function pump(source: Source, from: number, sink: Sink, patience: Patience): Promise<Outcome> {
  const flushes = async (ms: number): Promise<boolean> =>
    (await within(
      sink.flushed().then(() => true),
      ms,
      source.signal,
    )) === true;
  for (let next = from; ;) {
    const paused = await sendWhileTaken(source.follow(next), sink, patience, flushes);
    if (typeof paused === 'string') return paused;
    next = paused.next;
    if (await flushes(patience.maxWaitMs)) continue;
    const taken = await flushes(patience.maxSilentMs);
    if (source.signal.aborted) return 'cut';
    const newest = await source.newest();
    // Whoever reads again is at the present at once; who is let go hears last what it has missed.
    const to = taken ? newest - 1 : newest;
    if (to >= next) sink.send({ type: 'gap', from: next, to });
    if (!taken) return 'dropped';
    next = Math.max(next, newest);
  }
}

/** Sends frames until there are none, or the client leaves too many; then says which one comes next. */
async function sendWhileTaken(
  frames: AsyncIterable<StoredFrame>,
  sink: Sink,
  { maxWaitingBytes, maxWaitMs }: Patience,
  flushes: (ms: number) => Promise<boolean>,
): Promise<Outcome | { next: number }> {
  for await (const frame of frames) {
    sink.send(frame);
    if (frame.last) return 'ended';
    const keepsUp = sink.waitingBytes <= maxWaitingBytes || (await flushes(Math.min(briefMs, maxWaitMs)));
    if (!keepsUp) return { next: frame.seq + 1 };
  }
  return 'cut';
}
