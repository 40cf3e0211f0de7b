/** Jobs' frames, each once and in order, over as many connections as it takes. */
import { OnecycleError } from '../errors.js';
import { isTerminal } from '../types.js';
import { backoff, pause } from '../wait.js';
import type { AnyMessage, Connect } from './connection.js';

/** What becomes of the connection that frames come by. */
export type StreamState = 'connected' | 'reconnecting';

/** How a stream is to be. */
export interface StreamOptions {
  /** At most so many `batches` frames a second, of each job: what comes faster is merged. Left out: all of them. */
  maxRate?: number;
  /** Ends the stream: the loop over it throws the signal's reason. */
  signal?: AbortSignal;
  /** Is told each time that the connection is there, or lost. */
  onState?: (state: StreamState) => void;
}

/** A message that is a frame. */
type FrameOf<M extends AnyMessage> = Exclude<M, { type: 'gap' }>;

/** What to follow. */
interface Following<M extends AnyMessage> extends StreamOptions {
  /** Job id → the first frame, by its `seq`. */
  from: Iterable<[id: string, seq: number]>;
  connect: Connect<M>;
  /** Which job a message is of. */
  jobOf: (message: M) => string;
}

/** What a connection came to: all was said, frames were left out, it broke after it had been of use, or was of none. */
type Outcome = 'ended' | 'skipped' | 'lost' | 'failed';

/** A connection that lived for so long was of use, also where nothing came by it. */
const longMs = 10_000;

/**
 * Frames from each job's cursor up to its terminal one. A lost connection is opened again, sooner or later; where a
 * gap says that frames were left out, at once and from there.
 * @throws OnecycleError where the server refuses for good, as for a job that is not there
 */
export async function* follow<M extends AnyMessage>(following: Following<M>): AsyncGenerator<FrameOf<M>> {
  const cursors = new Map(following.from);
  for (let failures = 0; ;) {
    const outcome: Outcome = yield* oneConnection(following, cursors);
    if (outcome === 'ended' || cursors.size === 0) return;
    if (outcome === 'skipped') continue;
    failures = outcome === 'lost' ? 1 : failures + 1;
    following.onState?.('reconnecting');
    await pause(backoff(failures), following.signal);
  }
}

/** The frames that come by one connection. */
async function* oneConnection<M extends AnyMessage>(
  { connect, jobOf, signal, maxRate, onState }: Following<M>,
  cursors: Map<string, number>,
): AsyncGenerator<FrameOf<M>, Outcome> {
  const unheard = new AbortController();
  const state = { ended: false, usefulFrom: Infinity };
  const messages = connect({
    from: cursors,
    maxRate,
    signal: signal ? AbortSignal.any([signal, unheard.signal]) : unheard.signal,
    opened: () => {
      state.usefulFrom = Date.now() + longMs;
      onState?.('connected');
    },
    ended: () => (state.ended = true),
  });
  try {
    for await (const message of messages) {
      signal?.throwIfAborted();
      state.usefulFrom = 0;
      if (!isFrame(message)) return 'skipped';
      if (passes(message, jobOf(message), cursors)) yield message;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (!mayPass(error)) throw error;
  } finally {
    unheard.abort();
  }
  if (state.ended) return 'ended';
  return Date.now() >= state.usefulFrom ? 'lost' : 'failed';
}

const isFrame = <M extends AnyMessage>(message: M): message is FrameOf<M> => message.type !== 'gap';

/** Whether a frame is new; its job's cursor is then behind it, and gone with the terminal frame. */
function passes(frame: FrameOf<AnyMessage>, job: string, cursors: Map<string, number>): boolean {
  const cursor = cursors.get(job);
  if (cursor === undefined || frame.seq < cursor) return false;
  if (frame.type === 'status' && isTerminal(frame.status)) cursors.delete(job);
  else cursors.set(job, frame.seq + 1);
  return true;
}

/** What may be otherwise when asked again: no answer, a busy server, a proxy without one. */
const mayPass = (error: unknown): boolean =>
  error instanceof OnecycleError &&
  (error.status === 0 || error.status >= 500 || [408, 425, 429].includes(error.status));
