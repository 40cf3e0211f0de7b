/** What a connection to a job's log is, by whatever it is carried. */
import type { JobMessage, Message } from '../types.js';

/** Anything that a log sends. */
export type AnyMessage = Message | JobMessage;

/** What one connection is asked for, and whom it tells what becomes of it. */
export interface Wanted {
  /** Job id → the first frame, by its `seq`. */
  from: ReadonlyMap<string, number>;
  /** Frames with batches a second, of each job; undefined: all of them. */
  maxRate: number | undefined;
  /** Aborted where nobody listens any more. */
  signal: AbortSignal;
  /** The server listens. */
  opened: () => void;
  /** The server has nothing more to say, also where no terminal frame comes: it was before `from`. */
  ended: () => void;
}

/**
 * Opens a connection. Its messages end where it is lost as where it has ended; it throws OnecycleError where it could
 * not be opened.
 */
export type Connect<M extends AnyMessage> = (wanted: Wanted) => AsyncIterable<M>;
