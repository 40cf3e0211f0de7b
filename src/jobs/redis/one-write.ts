/** Commands that reach the server together: it flushes its file once for all that it was asked in one turn. */
import type { Cluster, Redis } from 'ioredis';
import { holderOf } from './cluster.js';

/** Connections that hold back what is sent, until this turn of the event loop is over. */
const held = new WeakSet<object>();

/** Has what `send` sends, at once or in the microtasks that follow, leave in one write. */
export function inOneWrite<T>(client: Redis | Cluster, send: () => T): T {
  // Where there is no connection yet, ioredis sends what waits in one go.
  const stream = holderOf(client)?.stream;
  if (!stream || held.has(stream)) return send();
  held.add(stream);
  stream.cork();
  try {
    return send();
  } finally {
    setImmediate(() => {
      held.delete(stream);
      stream.uncork();
    });
  }
}
