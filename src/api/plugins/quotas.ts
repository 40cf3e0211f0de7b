/** What keys and tenants may take of the API: requests per minute, open streams, the size of bodies. */
import { Transform } from 'node:stream';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { OnecycleError } from '../../errors.js';
import type { Jobs, StreamLease } from '../../jobs/index.js';
import type { KeyLimits, TenantLimits } from '../../schema/limits.js';
import { tooLarge } from '../receive.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What whoever asks may take. */
    limits: { tenant: TenantLimits; key: KeyLimits };
    /** Of a request for a stream: its place among those that are open; null where they are not counted. */
    streamLease: StreamLease | null;
  }
}

const windowMs = 60_000;
const kinds = ['key', 'tenant'] as const;
type Kind = (typeof kinds)[number];

/** Refuses what is too much. Comes after whoever asks is known. */
export default fp(async function quotas(app: FastifyInstance, { jobs }: { jobs: Pick<Jobs, 'access'> }) {
  await app.register(rateLimit, { global: false, timeWindow: windowMs, store: storeOf(jobs) });
  const rates = kinds.map((kind) => ({ kind, check: rateOf(app, kind) }));
  app.decorateRequest('streamLease', null);
  app.decorateRequest('limits', { getter: () => ({ tenant: {}, key: {} }) });

  app.addHook('onRequest', async (request) => {
    if (request.identity.key === null) return;
    const limits = await jobs.access.limitsOf(request.identity);
    Object.defineProperty(request, 'limits', { value: limits });
    await Promise.all(
      rates.map(async ({ kind, check }) => {
        const most = limits[kind].requests_per_minute ?? null;
        if (most === null) return;
        const rate = await check(request);
        if (!rate.isAllowed && rate.isExceeded) throw tooMany(kind, most, rate.ttlInSeconds);
      }),
    );
    if (request.routeOptions.schema?.tags?.includes('streams')) await takeStream(jobs, request);
    const most = limits.tenant.body_bytes ?? null;
    if (most !== null && Number(request.headers['content-length'] ?? 0) > most) throw tooLarge(most);
  });

  app.addHook('onResponse', (request, _reply, next) => {
    request.streamLease?.end();
    next();
  });

  // A body that does not say how large it is.
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const most = request.limits.tenant.body_bytes ?? null;
    if (most === null || request.headers['content-length'] !== undefined) done(null, payload);
    else done(null, payload.pipe(atMost(most)));
  });
});

function rateOf(app: FastifyInstance, kind: Kind) {
  return app.createRateLimit({
    keyGenerator: ({ identity }) => `${kind}:${identity[kind] ?? ''}`,
    max: ({ limits }) => limits[kind].requests_per_minute ?? Infinity,
    timeWindow: windowMs,
  });
}

/** Counts in Redis, for all API processes at once. */
function storeOf(jobs: Pick<Jobs, 'access'>) {
  return class Store {
    incr(name: string, done: (error: Error | null, result?: { current: number; ttl: number }) => void): void {
      jobs.access.hit(name, windowMs).then(
        (result) => done(null, result),
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      );
    }

    child(): this {
      return this;
    }
  };
}

const tooMany = (kind: Kind, most: number, seconds: number): OnecycleError =>
  new OnecycleError('rate_limited', `This ${kind} may send ${most} requests per minute.`, [], {
    retryAfterSeconds: Math.max(1, seconds),
  });

/** Counts the stream that is asked for. What does not become one, as its answer says, counts no longer. */
async function takeStream({ access }: Pick<Jobs, 'access'>, request: FastifyRequest): Promise<void> {
  const { identity, limits } = request;
  const limited = kinds.map((kind) => ({
    kind,
    of: `${kind}:${identity[kind] ?? ''}`,
    most: limits[kind].streams ?? null,
  }));
  if (limited.every(({ most }) => most === null)) return;
  const lease = await access.streams.take(limited);
  if (!('reached' in lease)) {
    request.streamLease = lease;
    return;
  }
  const { kind, most } = limited[lease.reached];
  throw new OnecycleError('quota_reached', `This ${kind} may have ${most} streams open at once; close one first.`);
}

/** Passes so many bytes on, and then fails. */
function atMost(most: number): Transform {
  let count = 0;
  return new Transform({
    transform(part: Buffer, _encoding, done) {
      count += part.length;
      if (count > most) done(tooLarge(most));
      else done(null, part);
    },
  });
}
