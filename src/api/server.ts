/** Boots the API: connects to Redis, listens, and takes it all down again. */
import type { FastifyBaseLogger } from 'fastify';
import type { AccessSettings, EdgeSettings, JobLimits } from '../config.js';
import { OnecycleError } from '../errors.js';
import { Jobs, type RedisAddress } from '../jobs/index.js';
import type { Storage } from '../storage/index.js';
import app, { type AppOptions } from './app.js';
import { createFastify } from './fastify.js';
import { measured } from './metrics/measured-storage.js';
import { Meters } from './metrics/meters.js';
import { isLoopback } from './plugins/access.js';

/** Where the API listens, and what it works with. */
export interface ServerOptions {
  host: string;
  /** 0 takes one that is free. */
  port: number;
  redis: RedisAddress;
  storage: Storage;
  limits?: JobLimits;
  /** How its connections may be. */
  edge?: EdgeSettings;
  config?: AppOptions['config'];
  log?: FastifyBaseLogger;
}

/** An API that listens. */
export interface RunningServer {
  /** Its address: `http://127.0.0.1:3000`. */
  url: string;
  /** Takes no more requests, tells the streams' clients to come back, and ends its connections. */
  close(): Promise<void>;
}

/**
 * Starts the API.
 * @throws OnecycleError `unavailable` where Redis does not answer; Node's error where the port is taken.
 */
export async function startServer({
  host,
  port,
  redis,
  storage,
  limits,
  edge,
  config,
  log,
}: ServerOptions): Promise<RunningServer> {
  // Before anything is connected: it may lack its certificate.
  const server = createFastify(log, edge);
  const meters = new Meters();
  const timed = measured(storage, (operation, seconds) => meters.storage.hear({ operation }, seconds));
  const jobs = await Jobs.connect(redis, timed, limits, config?.access?.apiKeys);
  jobs.onCommand((seconds, answered) => meters.command(seconds, answered));
  server.addHook('onClose', () => jobs.close());
  try {
    await checkAddress(host, config?.access, jobs, server.log);
    await server.register(app, { jobs, storage: timed, meters, config: { ...config, tls: edge?.tls != null } });
    const scheme = edge?.tls ? 'https:' : 'http:';
    const named = (address: string): string => address.replace(/^https?:/, scheme);
    const listenTextResolver = (address: string): string => `Server listening at ${named(address)}`;
    const url = named(await server.listen({ host, port, listenTextResolver }));
    return { url, close: () => server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** @throws OnecycleError `invalid_configuration` where others could reach a service that no key protects */
async function checkAddress(
  host: string,
  access: AccessSettings | undefined,
  jobs: Jobs,
  log: FastifyBaseLogger,
): Promise<void> {
  if (isLoopback(host) || (await jobs.access.closed())) return;
  if (access?.insecure) {
    log.warn(`ONECYCLE_INSECURE=1: whoever reaches ${host} may use this service, and no key protects it`);
    return;
  }
  const detail =
    `HOST=${host} can be reached from other machines, and there is no key. Set ONECYCLE_API_KEYS (\`oc_\` and at least ` +
    '40 random letters and digits), or ONECYCLE_INSECURE=1 where something else protects the service.';
  throw new OnecycleError('invalid_configuration', detail, [{ pointer: '/HOST', detail }]);
}
