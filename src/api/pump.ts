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

/** How long a client is waited for before it is skipped ahead. */
export interface Patience {
  /** Bytes that may wait for a client before it has to take them. */
  maxWaitingBytes: number;
  /** Milliseconds that it may need to take them. */
  maxWaitMs: number;
}

/**
 * Sends frames until the last one, and says whether that was reached. Holds no more than `maxWaitingBytes` and one
 * frame for a client.
 */
export async function pump(
  frames: AsyncIterable<StoredFrame>,
  sink: Sink,
  { maxWaitingBytes, maxWaitMs }: Patience,
): Promise<boolean> {
  let gap: Gap | undefined;
  for await (const frame of frames) {
    const keepsUp = sink.waitingBytes <= maxWaitingBytes || (!gap && (await flushes(sink, maxWaitMs)));
    if (!keepsUp && !frame.last) {
      gap = { type: 'gap', from: gap?.from ?? frame.from ?? frame.seq, to: frame.seq };
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

const flushes = async (sink: Sink, ms: number): Promise<boolean> =>
  (await within(
    sink.flushed().then(() => true),
    ms,
  )) === true;
