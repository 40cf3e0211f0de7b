/** Connections to whatever stands at the address. */
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { redisSettings, type RedisSettings } from '../../config.js';
import { severalServers, type RedisAddress, type SeveralServers } from './address.js';

/** After a fail-over, a server that was the primary refuses writes: the command goes to the one that is it now. */
const reconnectOnError = (error: Error): false | 2 => (error.message.startsWith('READONLY') ? 2 : false);

/** Milliseconds before the next try to connect. */
const pause = (times: number): number => Math.min(50 * 2 ** times, 1000);

/** Pauses and tries of a command while a cluster elects a primary: longer than that takes. */
const electing = { pauseMs: 200, tries: 150 };

/** Opens a connection; `patient` commands wait for a cluster's new primary, others fail sooner. */
export function connect(
  address: RedisAddress,
  given: Omit<RedisOptions, 'retryStrategy'>,
  patient: boolean,
): Redis | Cluster {
  const options = { ...given, retryStrategy: pause, reconnectOnError };
  if (typeof address !== 'string') return new Redis({ ...options, path: address.path });
  const settings = redisSettings();
  const several = severalServers(address);
  if (several?.kind === 'sentinel') return behindSentinels(several, options, settings);
  if (several) return inCluster(several, options, settings, patient);
  // ioredis would take `rediss` for TLS without settings.
  return address.startsWith('rediss:')
    ? new Redis(address.replace(/^rediss/, 'redis'), { ...options, tls: settings.tls })
    : new Redis(address, options);
}

function behindSentinels(
  { places, name, db, username, password, tls }: SeveralServers,
  options: RedisOptions,
  { tls: secured, sentinel }: RedisSettings,
): Redis {
  return new Redis({
    ...options,
    ...(tls && { tls: secured, sentinelTLS: secured, enableTLSForSentinelMode: true }),
    sentinels: places,
    name,
    db,
    username,
    password,
    sentinelUsername: sentinel.username,
    sentinelPassword: sentinel.password,
    sentinelRetryStrategy: pause,
    failoverDetector: true,
  });
}

function inCluster(
  { places, username, password, tls }: SeveralServers,
  { retryStrategy: _, ...options }: RedisOptions,
  { tls: secured }: RedisSettings,
  patient: boolean,
): Cluster {
  return new Cluster(places, {
    redisOptions: { ...options, username, password, ...(tls && { tls: secured }) },
    clusterRetryStrategy: pause,
    // Certificates are of names, and so are addresses behind a load balancer: they are not resolved here.
    ...(tls && { dnsLookup: (host, done) => done(null, host) }),
    slotsRefreshTimeout: 3000,
    retryDelayOnFailover: electing.pauseMs,
    retryDelayOnClusterDown: electing.pauseMs,
    ...(patient && { maxRedirections: electing.tries }),
  });
}
