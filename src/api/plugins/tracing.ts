/**
 * A span for each request, child of what its `traceparent` names. It is active while the request is handled: lines of
 * the log have its ids, and jobs keep it for their attempts.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { tracing, type Span } from '../../telemetry/index.js';

/** Asked every few seconds by machines. */
const probes = new Set(['/healthz', '/readyz', '/metrics']);

/** Streams are left out as well: they take as long as their jobs. */
export default fp(function traces(app: FastifyInstance, _options, done) {
  if (!tracing().on) {
    done();
    return;
  }
  app.addHook('onRequest', (request, reply, next) => {
    const { url: route, schema } = request.routeOptions;
    if (schema?.tags?.includes('streams') === true || probes.has(route ?? '')) {
      next();
      return;
    }
    const span = startSpan(request);
    // Comes after an answer, and where the client is gone before it.
    reply.raw.once('close', () => endSpan(span, reply.raw.writableFinished ? reply.statusCode : null));
    tracing().within(span, next);
  });
  done();
});

function startSpan(request: FastifyRequest): Span {
  const { traceparent, tracestate } = request.headers;
  const { url: route } = request.routeOptions;
  return tracing().start(route === undefined ? request.method : `${request.method} ${route}`, {
    kind: 'server',
    parent: { traceparent: one(traceparent), tracestate: one(tracestate) },
    attributes: {
      'http.request.method': request.method,
      'http.route': route,
      // Without the query, which may have a ticket.
      'url.path': request.url.split('?')[0],
      'url.scheme': request.protocol,
    },
  });
}

function endSpan(span: Span, status: number | null): void {
  if (status === null) span.fail('aborted', 'The client was gone before the answer.');
  else {
    span.set({ 'http.response.status_code': status });
    if (status >= 500) span.fail(String(status));
  }
  span.end();
}

const one = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : undefined;
