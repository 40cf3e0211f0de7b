/** Lets pages of other origins use the API: those that the configuration names. */
import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

/** Answers preflights, and says which answers a page may read. Without origins there is nothing to do. */
export default fp(async function crossOrigin(app: FastifyInstance, { origins }: { origins: string[] }) {
  if (origins.length === 0) return;
  await app.register(cors, {
    origin: origins,
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    exposedHeaders: ['location', 'retry-after', 'idempotent-replayed', 'content-disposition'],
  });
});
