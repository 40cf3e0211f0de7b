/** Boots the API: connects to Redis, listens, and takes it all down again. */
import type { FastifyBaseLogger } from 'fastify';
import type { JobLimits } from '../config.js';
import { Jobs, type RedisAddress } from '../jobs/index.js';
import type { Storage } from '../storage/index.js';
import app, { type AppOptions } from './app.js';
import { createFastify } from './fastify.js';

/** Where the API listens, and what it works with. */
export interface ServerOptions {
  host: string;
  /** 0 takes one that is free. */
  port: number;
  redis: RedisAddress;
  storage: Storage;
  limits?: JobLimits;
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
  config,
  log,
}: ServerOptions): Promise<RunningServer> {
  const jobs = await Jobs.connect(redis, storage, limits);
  const server = createFastify(log);
  server.addHook('onClose', () => jobs.close());
  try {
    await server.register(app, { jobs, storage, ...(config && { config }) });
    const url = await server.listen({ host, port });
    return { url, close: () => server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}
