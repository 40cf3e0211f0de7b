/**
 * How many streams are open, over all API processes. Each is a lease that its process renews, so that those of a process
 * that was killed are free again by themselves.
 */
import { answered } from '../answered.js';
import type { Client } from '../redis/client.js';
import { keys, newToken } from '../redis/keys.js';

/** How long a stream counts that is not renewed, and how often those that are open are. */
const leaseMs = 30_000;
const renewMs = 10_000;

/** Whose streams are counted together, and how many there may be; null: any number. */
export interface StreamLimit {
  /** Such as `tenant:acme`. */
  of: string;
  most: number | null;
}

/** A stream that may be opened. */
export interface StreamLease {
  /** Counts it until it is ended; without it, for half a minute. */
  keep(): void;
  /** It is open no longer. */
  end(): void;
}

/** The streams of one process among those of all. */
export class OpenStreams {
  readonly #redis: Client;
  /** Those that are renewed, by what they are counted in. */
  readonly #kept = new Map<string, Set<string>>();
  #renewing: NodeJS.Timeout | null = null;

  constructor(redis: Client) {
    this.#redis = redis;
  }

  /** Counts one more; returns the place of the limit that is reached where there is one. @throws OnecycleError `unavailable` */
  take(limits: readonly StreamLimit[]): Promise<StreamLease | { reached: number }> {
    return answered(async () => {
      const token = newToken();
      const names = limits.map(({ of }) => of);
      const reached = Number(
        await this.#redis.takeStream(
          limits.length,
          ...names.map(keys.openStreams),
          token,
          leaseMs,
          ...limits.map(({ most }) => most ?? -1),
        ),
      );
      return reached > 0 ? { reached: reached - 1 } : this.#lease(token, names);
    });
  }

  /** Has those that are open count for half a minute more. */
  async renew(): Promise<void> {
    for (const [name, tokens] of this.#kept)
      await this.#redis.renewStreams(1, keys.openStreams(name), leaseMs, ...tokens).catch(() => undefined);
  }

  close(): void {
    if (this.#renewing) clearInterval(this.#renewing);
    this.#renewing = null;
    this.#kept.clear();
  }

  #lease(token: string, names: readonly string[]): StreamLease {
    let ended = false;
    const keep = (): void => {
      if (ended) return;
      for (const name of names) this.#kept.set(name, (this.#kept.get(name) ?? new Set()).add(token));
      this.#renewing ??= setInterval(() => void this.renew(), renewMs).unref();
    };
    const end = (): void => {
      if (ended) return;
      ended = true;
      for (const name of names) {
        const tokens = this.#kept.get(name);
        tokens?.delete(token);
        if (tokens?.size === 0) this.#kept.delete(name);
        // What is not taken away runs out.
        this.#redis.zrem(keys.openStreams(name), token).catch(() => undefined);
      }
    };
    return { keep, end };
  }
}
