/**
 * A least rate for bodies, in place of a time limit: a large file may take an hour on a slow line, a body that drips is
 * ended. What is kept in memory until it is whole has a time limit too.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { refuseConnection, tooSlow } from '../malformed.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether a body goes to disk as it comes, however long it takes. */
    bodyIsFile?: boolean;
  }
}

/** How slowly a body may come. */
export interface Pace {
  /** Over each such time, in milliseconds. */
  windowMs: number;
  leastBytesPerSecond: number;
  /** Of a body that is kept in memory, in all. */
  totalMs: number;
}

/** A body that is coming in. */
interface Incoming {
  raw: IncomingMessage;
  answer: ServerResponse;
  startedMs: number;
  /** When and at which count of the connection's bytes the window began. */
  sinceMs: number;
  sinceBytes: number;
  isFile: boolean;
}

/** Ends what drips. */
export default fp(function pace(app: FastifyInstance, { windowMs, leastBytesPerSecond, totalMs }: Pace, done) {
  const coming = new Map<IncomingMessage, Incoming>();
  app.addHook('onRequest', ({ raw, routeOptions }, { raw: answer }, next) => {
    const { 'content-length': length = '0', 'transfer-encoding': encoding } = raw.headers;
    if (length !== '0' || encoding !== undefined) {
      const now = performance.now();
      const isFile = routeOptions.config.bodyIsFile ?? false;
      coming.set(raw, { raw, answer, startedMs: now, sinceMs: now, sinceBytes: raw.socket.bytesRead, isFile });
    }
    next();
  });
  // A body may come on after its answer.
  app.addHook('onResponse', ({ raw }, _reply, next) => {
    if (raw.complete) coming.delete(raw);
    next();
  });

  const look = setInterval(() => {
    const now = performance.now();
    for (const each of coming.values()) {
      const { raw, answer } = each;
      if (raw.complete || raw.socket.destroyed) coming.delete(raw);
      else if (!isTooSlow(each, now)) continue;
      else if (answer.headersSent) raw.socket.destroy();
      else refuseConnection(tooSlow(), raw.socket);
    }
  }, windowMs / 4);
  look.unref();
  app.addHook('onClose', () => clearInterval(look));
  done();

  function isTooSlow(body: Incoming, now: number): boolean {
    if (!body.isFile && now - body.startedMs > totalMs) return true;
    const seconds = (now - body.sinceMs) / 1000;
    if (seconds * 1000 < windowMs) return false;
    const bytes = body.raw.socket.bytesRead - body.sinceBytes;
    // What waits here to be read is not the client's fault.
    if (body.raw.readableLength === 0 && bytes < leastBytesPerSecond * seconds) return true;
    body.sinceMs = now;
    body.sinceBytes += bytes;
    return false;
  }
});
