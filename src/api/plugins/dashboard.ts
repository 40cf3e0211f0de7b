/** The dashboard: the static files of dist/dashboard. */
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

const root = fileURLToPath(new URL('../../../dashboard/', import.meta.url));

/** Nothing comes from elsewhere, and no page frames this one. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `reply.sendFile('index.html')`, and the files that the page asks for. */
export default fp(async function dashboard(app: FastifyInstance) {
  await app.register(fastifyStatic, {
    root,
    index: false,
    wildcard: false,
    preCompressed: true,
    cacheControl: false,
    schemaHide: true,
    setHeaders: (response, path) => {
      // Their names have their contents' hash, but for the page's and its icon's.
      const fixed = !path.includes('/assets/');
      response.header('cache-control', fixed ? 'no-cache' : 'public, max-age=31536000, immutable');
      response.header('content-security-policy', policy);
    },
  });
});
