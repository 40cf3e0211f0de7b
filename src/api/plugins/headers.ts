/** Headers that tell browsers what an answer is not for: helmet's, as far as an API has a use for them. */
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

/**
 * Answers are data: opened as a page they load and run nothing, and plots have their own styles. The dashboard and the
 * reference have policies of their own.
 */
const directives = {
  'default-src': ["'none'"],
  'style-src': ["'unsafe-inline'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** Sets them. `tls`: whether browsers shall come by https from now on. */
export default fp(async function headers(app: FastifyInstance, { tls }: { tls: boolean }) {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: tls && { maxAge: 365 * 24 * 3600, includeSubDomains: false },
    // A plot may be shown in somebody's notebook.
    crossOriginResourcePolicy: false,
    crossOriginOpenerPolicy: tls,
    // For browsers that are no more.
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xFrameOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  });
});
