/** The API's pages at /docs. */
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

/** The pages. */
export default fp(async function docs(app: FastifyInstance) {
  const { default: swaggerUi } = await import('@fastify/swagger-ui');
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    transformSpecification: () => ({ ...app.openapi() }),
    uiConfig: { docExpansion: 'list', tryItOutEnabled: true },
    theme: { title: 'onecycle' },
  });
});
