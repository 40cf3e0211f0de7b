/** Times requests by their routes. */
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Meters } from '../metrics/meters.js';

/** Streams are left out: they take as long as their jobs. */
export default fp(function httpTimes(app: FastifyInstance, { meters }: { meters: Meters }, done) {
  app.addHook('onResponse', (request, reply, next) => {
    const { url: route, schema } = request.routeOptions;
    if (schema?.tags?.includes('streams') !== true)
      meters.http.hear(
        { method: request.method, route: route ?? 'none', status: String(reply.statusCode) },
        reply.elapsedTime / 1000,
      );
    next();
  });
  done();
});
