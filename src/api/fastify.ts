import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { sendProblem } from './plugins/problems.js';

/**
 * Fastify as the API needs it: our problems for what never reaches a route, and a log with one line per event, not one
 * per request.
 */
export function createFastify(log?: FastifyBaseLogger): FastifyInstance {
  return Fastify({
    ...(log && { loggerInstance: log }),
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
  });
}
