/** Addresses without a route, and methods that a route does not have: said before a body is read that nobody wants. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { OnecycleError } from '../../errors.js';

/** Answers them. To be registered before any route. */
export default fp(function notFound(app: FastifyInstance, _options, done) {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    // Preflights are answered everywhere, also where nothing is.
    if (url === '*') return;
    const route = routes.get(url) ?? {
      pattern: new RegExp(`^${url.replace(/:[^/]+/g, '[^/]+').replace('*', '.*')}$`),
      methods: new Set(),
    };
    for (const each of [method].flat()) route.methods.add(each);
    routes.set(url, route);
  });
  app.addHook('onRequest', (request, reply, next) => next(request.is404 ? problem(request, reply) : undefined));
  // Files that are not there.
  app.setNotFoundHandler((request, reply) => {
    throw problem(request, reply);
  });
  done();

  function problem(request: FastifyRequest, reply: FastifyReply): OnecycleError {
    const path = request.url.split('?')[0];
    const others = [...routes.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap(({ methods }) => [...methods]);
    if (others.length === 0) return new OnecycleError('route_not_found', `There is no ${request.method} ${path}.`);
    void reply.header('allow', others.join(', '));
    return new OnecycleError('method_not_allowed', `${path} supports ${others.join(', ')}, not ${request.method}.`);
  }
});
