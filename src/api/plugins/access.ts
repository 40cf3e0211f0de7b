/**
 * Who may do what. Without any key the API is for this machine: it answers to its names alone, so that no page can get
 * at it by DNS rebinding, and takes writes and WebSockets from no page of another origin. With keys every route needs
 * one of its scope.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import type { AccessSettings } from '../../config.js';
import { OnecycleError } from '../../errors.js';
import type { Identity, Jobs } from '../../jobs/index.js';
import { allows, type Scope } from '../../schema/scopes.js';
import { defaultTenant } from '../../schema/tenant.js';
import { answers } from '../schemas/answers.js';
import { WrongKeys } from '../wrong-keys.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route needs; null: it is open. Left out: by its method and tags. */
    scope?: Scope | null;
  }
  interface FastifyRequest {
    /** Who asks. */
    identity: Identity;
    /** Has a stream aborted once whoever asks may read no longer. */
    guard(stream: AbortController): void;
  }
}

/** Open even where all else needs a key: signs of life, and the files of the dashboard and of the reference. */
const open = /^\/(healthz|readyz|icon\.svg|index\.html|assets\/.*|docs(\/.*)?)?$/;
/** Methods that change nothing. */
const reading = ['GET', 'HEAD', 'OPTIONS'];
const whoever: Identity = { key: null, tenant: defaultTenant, scopes: ['admin'] };
const thisMachine = ['localhost', '127.0.0.1', '[::1]'];
/** Why a stream is aborted whose reader may read no longer. */
export const revoked = new OnecycleError('key_needed', 'The key is no longer valid.');
/** How often open streams are looked at: a key that is revoked works nowhere a second later. */
const lookMs = 400;

/** Lets requests in, or not. */
export default fp(function access(
  app: FastifyInstance,
  {
    jobs,
    settings,
    wrongKeysPerMinute,
  }: { jobs: Pick<Jobs, 'access'>; settings: AccessSettings; wrongKeysPerMinute: number },
  done,
) {
  const wrongKeys = new WrongKeys(jobs, wrongKeysPerMinute);
  const streams = new Map<AbortController, Identity>();
  app.decorateRequest('identity', { getter: () => whoever });
  app.addHook('onRoute', (route) => {
    const scope = scopeOf(route);
    route.config = { ...route.config, scope };
    if (scope !== null) route.schema = { ...route.schema, ...documented(route.schema) };
  });
  app.addHook('onRequest', async (request) => {
    const { scope = 'admin' } = request.routeOptions.config;
    if (scope === null || request.is404) return;
    const identity = await identityOf(request);
    if (!allows(identity.scopes, scope))
      throw new OnecycleError('not_allowed', `This needs a key with the scope \`${scope}\`.`);
    Object.defineProperty(request, 'identity', { value: identity });
  });
  app.decorateRequest('guard', function guard(this: FastifyRequest, stream: AbortController) {
    const { identity, streamLease } = this;
    streams.set(stream, identity);
    streamLease?.keep();
    stream.signal.addEventListener('abort', () => {
      streams.delete(stream);
      streamLease?.end();
    });
  });
  app.addHook('onResponse', (request, reply, next) => {
    if (!reading.includes(request.method)) request.log.info(auditOf(request, reply), 'write');
    next();
  });

  const look = setInterval(() => void closeStreams(), lookMs);
  look.unref();
  app.addHook('onClose', () => clearInterval(look));
  done();

  async function identityOf(request: FastifyRequest): Promise<Identity> {
    const ticket = takeTicket(request);
    const secret = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (!(await jobs.access.closed())) {
      checkHost(request);
      checkOrigin(request);
      return whoever;
    }
    const identity =
      secret !== undefined
        ? await jobs.access.identify(secret)
        : typeof ticket === 'string' && request.method === 'GET'
          ? await jobs.access.redeem(ticket)
          : null;
    if (identity) return identity;
    // Nothing is guessed by sending none.
    if (secret !== undefined || ticket !== undefined) await wrongKeys.count(request);
    const given =
      secret !== undefined ? 'This key is not valid, or no longer.' : 'Send a key: `Authorization: Bearer oc_…`.';
    throw new OnecycleError(
      'key_needed',
      ticket !== undefined ? 'This ticket is not valid: it works once, for half a minute.' : given,
    );
  }

  function checkHost({ host, headers, ip, raw }: FastifyRequest): void {
    if (settings.insecure) return;
    // Its last key may have been revoked while it listened to others; and a proxy may let others in.
    if (!isLoopback(raw.socket.localAddress) || !isLoopback(ip))
      throw new OnecycleError('key_needed', 'Only this machine may use the service without a key, and there is none.');
    // A page at a rebound name has a proxy's address and may send a proxy's headers, but not another Host.
    const asked = [headers.host ?? host, host];
    const names = [...thisMachine, ...settings.allowedHosts];
    const foreign = asked.find((each) => !names.includes(nameOf(each)));
    if (foreign === undefined) return;
    throw new OnecycleError(
      'host_not_allowed',
      `Without keys this service answers to localhost alone, not to ${foreign}. Name it in ONECYCLE_ALLOWED_HOSTS.`,
    );
  }

  function checkOrigin({ method, headers, host }: FastifyRequest): void {
    const { origin, upgrade } = headers;
    if (origin === undefined || (['GET', 'HEAD'].includes(method) && upgrade === undefined)) return;
    if ((URL.canParse(origin) && new URL(origin).host === host) || settings.corsOrigins.includes(origin)) return;
    throw new OnecycleError(
      'origin_not_allowed',
      `Pages of ${origin} may not do this. Name the origin in ONECYCLE_CORS_ORIGINS if they should.`,
    );
  }

  async function closeStreams(): Promise<void> {
    for (const [stream, identity] of streams) {
      // While Redis is away nobody is turned out.
      if (await jobs.access.holds(identity).catch(() => true)) continue;
      stream.abort(revoked);
    }
  }
});

/** What is told of a write: who did what, and how it went. No secret is in an address. */
function auditOf({ identity, method, url, routeOptions }: FastifyRequest, reply: FastifyReply): object {
  const path = url.split('?')[0];
  const made = reply.statusCode === 201 ? String(reply.getHeader('location') ?? '') : '';
  const job = /^\/jobs\/([^/]+)/.exec(made)?.[1] ?? /^\/jobs\/([^/]+)/.exec(path)?.[1];
  return {
    audit: identity.key,
    tenant: identity.tenant,
    method,
    path,
    route: routeOptions.url ?? null,
    status: reply.statusCode,
    ...(job !== undefined && { job }),
  };
}

/** How a route that is not open may be refused, for the documents. */
const documented = ({ response }: FastifySchema = {}): FastifySchema => ({
  security: [{ key: [] }],
  response: {
    ...answers(
      {},
      'key_needed',
      'not_allowed',
      'host_not_allowed',
      'origin_not_allowed',
      'rate_limited',
      'unavailable',
    ),
    ...(response as object | undefined),
  },
});

/** The ticket in a request's address; any reading request may have one, and no route knows of it. */
function takeTicket({ query }: FastifyRequest): unknown {
  if (typeof query !== 'object' || query === null || !('ticket' in query)) return undefined;
  const { ticket } = query;
  delete query.ticket;
  return ticket;
}

/** Whether only this machine reaches an address; a unix socket has none. */
export const isLoopback = (address: string | undefined): boolean =>
  address === undefined || /^(localhost|(::ffff:)?127(\.\d+){3}|::1)$/.test(address);

/** The name in a Host header, without its port. */
const nameOf = (host: string): string => (URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : host);

/** What a route needs: as it says, else reading for what reads, and for the rest by what it is about. */
function scopeOf({ url, method, schema, config }: RouteOptions): Scope | null {
  if (config?.scope !== undefined) return config.scope;
  if (open.test(url)) return null;
  if ([method].flat().every((each) => reading.includes(each))) return 'read';
  const tags = schema?.tags ?? [];
  if (tags.some((tag) => ['predictions', 'schedules'].includes(tag))) return 'read';
  if (tags.some((tag) => ['datasets', 'models'].includes(tag))) return 'data';
  return tags.some((tag) => ['operators', 'keys', 'tenants'].includes(tag)) ? 'admin' : 'jobs';
}
