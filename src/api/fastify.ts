import { pino } from 'pino';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { defaultEdge, type EdgeSettings } from '../config.js';
import { listener } from './listener.js';
import { refuseConnection } from './malformed.js';
import { sendProblem } from './plugins/problems.js';

/** When it is told to end, clients have so long to take what is on its way, and to go. */
const clientsLimitMs = 1000;
const silent = pino({ level: 'silent' });

/**
 * Fastify as the API needs it: our problems for what never reaches a route, and a log with one line per event, not one
 * per request.
 */
export function createFastify(log?: FastifyBaseLogger, edge: EdgeSettings = defaultEdge): FastifyInstance {
  const { serverFactory, endConnections } = listener(edge, log ?? silent);
  const app = Fastify({
    serverFactory,
    trustProxy: edge.trustProxy.length > 0 && edge.trustProxy,
    clientErrorHandler: refuseConnection,
    ...(log && { loggerInstance: log }),
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
  });
  // Before what waits for WebSockets to close. Node leaves a connection that has said nothing open for as long as it likes.
  app.addHook('preClose', (done) => {
    setTimeout(endConnections, clientsLimitMs).unref();
    done();
  });
  return app;
}
