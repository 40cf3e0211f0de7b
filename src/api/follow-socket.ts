/** Jobs' frames on one WebSocket, up to the last of each. */
import type { WebSocket } from '@fastify/websocket';
import { isTerminal } from '../jobs/index.js';
import { atMost } from './max-rate.js';
import type { Transport } from './metrics/meters.js';
import { revoked } from './plugins/access.js';
import { closeCodes } from './plugins/websocket.js';
import { pump, type Outcome, type Source } from './pump.js';
import type { Context } from './routes/context.js';
import { Receipts } from './receipts.js';
import { WebSocketSink } from './sinks.js';

/** What a client wants on its socket. */
export interface Wanted {
  /** Job id → the first frame, by its `seq`. */
  from: ReadonlyMap<string, number>;
  /** Whether messages say of which job they are. */
  named: boolean;
  /** Frames with batches a second, of each job; undefined: all as they are stored. */
  maxRate: number | undefined;
  /** Has it aborted once the client may follow no longer. */
  guard: (stream: AbortController) => void;
}

/**
 * Sends frames, and closes the socket: normally (1000) after the terminal frames of all jobs, with 1013 where the client
 * took nothing for too long, and with 1012 where the server goes down before, or a job is deleted under a reader that is
 * far behind: who comes back learns which.
 */
export async function followOnSocket(
  { jobs, meters, config }: Pick<Context, 'jobs' | 'meters' | 'config'>,
  socket: WebSocket,
  { from, named, maxRate, guard }: Wanted,
): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  guard(gone);
  // The jobs share the socket, and how much of it may be unread.
  const receipts = new Receipts(socket);
  const patience = { ...config.patience, maxWaitingBytes: config.patience.maxUnreadBytes };
  const follow = async (id: string, seq: number): Promise<Outcome> => {
    const sink = new WebSocketSink(receipts, named ? id : undefined);
    const outcome = await pump(sourceOf({ jobs, meters }, 'websocket', id, gone.signal, maxRate), seq, sink, patience);
    if (outcome === 'dropped') gone.abort();
    if (outcome !== 'cut') return outcome;
    // Past the end there is nothing to send; otherwise the server is going down, or the job is gone.
    const record = await jobs.get(id);
    return record !== null && isTerminal(record.status) ? 'ended' : 'cut';
  };
  const outcomes = await Promise.all([...from].map(([id, seq]) => follow(id, seq)));
  if (gone.signal.reason === revoked) socket.close(closeCodes.policyViolation, revoked.message);
  else if (outcomes.includes('dropped')) socket.close(closeCodes.tryAgainLater, 'the client does not read');
  else socket.close(outcomes.every((each) => each === 'ended') ? closeCodes.normal : closeCodes.serviceRestart);
}

/** A job's log as a client wants it: all frames, or at most so many with batches a second. */
export function sourceOf(
  { jobs, meters }: Pick<Context, 'jobs' | 'meters'>,
  transport: Transport,
  id: string,
  signal: AbortSignal,
  maxRate: number | undefined,
): Source {
  return {
    follow: (from) => {
      const frames = meters.follow(transport, jobs.follow(id, from, signal));
      return maxRate === undefined ? frames : atMost(maxRate, frames);
    },
    newest: async () => (await jobs.frameCount(id)) - 1,
    signal,
  };
}
