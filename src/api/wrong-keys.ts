/**
 * Wrong keys and tickets by the address that they come from, over all API processes. Who sends too many is told to wait
 * for as long as they are wrong; right ones are neither counted nor refused, so that nobody is locked out by others at
 * their address.
 */
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { OnecycleError } from '../errors.js';
import type { Jobs } from '../jobs/index.js';

const windowMs = 60_000;
/** Addresses that a process remembers; of others it asks Redis again. */
const mostRemembered = 10_000;

/** Of one API process. */
export class WrongKeys {
  readonly #jobs: Pick<Jobs, 'access'>;
  readonly #most: number;
  /** Those that have sent too many, until their minute is over: they cost Redis nothing more. */
  readonly #refused = new LRUCache<string, true>({ max: mostRemembered, ttl: windowMs });

  /** `most`: how many of one address in a minute are told that they are wrong. */
  constructor(jobs: Pick<Jobs, 'access'>, most: number) {
    this.#jobs = jobs;
    this.#most = most;
  }

  /** Counts one. @throws OnecycleError `rate_limited` where there are too many of its address; `unavailable` */
  async count({ ip, log }: Pick<FastifyRequest, 'ip' | 'log'>): Promise<void> {
    const address = await countedAs(ip);
    const waitMs = this.#refused.getRemainingTTL(address);
    if (waitMs > 0) throw this.#tooMany(waitMs);
    const { current, ttl } = await this.#jobs.access.hit(`wrong:${address}`, windowMs);
    if (current <= this.#most) return;
    if (!this.#refused.has(address)) log.warn({ address }, 'an address sends too many wrong keys');
    this.#refused.set(address, true, { ttl: Math.max(1, ttl) });
    throw this.#tooMany(ttl);
  }

  #tooMany(ms: number): OnecycleError {
    const detail = `This address has sent more than ${this.#most} wrong keys in a minute. A right one is taken at any time.`;
    return new OnecycleError('rate_limited', detail, [], { retryAfterSeconds: Math.max(1, Math.ceil(ms / 1000)) });
  }
}

/** What an address is counted as: of IPv6 its network of 64 bits, all of which one machine may have. */
export async function countedAs(ip: string | undefined): Promise<string> {
  // Few services are ever sent a wrong key.
  const { default: ipaddr } = await import('ipaddr.js');
  // A unix socket has none, and a proxy that is trusted may say anything.
  if (ip === undefined || !ipaddr.isValid(ip)) return 'unknown';
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${new ipaddr.IPv6(address.toByteArray()).toString()}/64`).toString();
}
