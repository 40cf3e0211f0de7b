/**
 * Who may use the service: keys and tickets. A process looks at the stored keys at most twice a second, so that one
 * that is revoked works nowhere a second later.
 */
import { OnecycleError } from '../../errors.js';
import { complete } from '../../schema/complete.js';
import type { Scope } from '../../schema/scopes.js';
import { answered } from '../answered.js';
import type { Client } from '../redis/client.js';
import { keys, newToken } from '../redis/keys.js';
import { hashOf, idOf, isSecret, newSecret, NewKey, type ApiKey } from './api-key.js';

/** Who asks. */
export interface Identity {
  /** The key's id; null where the service is open to whoever reaches it. */
  key: string | null;
  scopes: readonly Scope[];
}

/** What is stored of a key. */
interface StoredKey {
  key: ApiKey;
  /** Of its secret. */
  hash: string;
}

/** How long a look at the stored keys holds. */
const freshMs = 500;
/** How long a ticket may be redeemed. */
const ticketMs = 30_000;

/** The keys of a service: those of its configuration, which cannot be revoked, and those that were made. */
export class Access {
  readonly #redis: Client;
  readonly #given: ReadonlyMap<string, StoredKey>;
  #stored: { keys: ReadonlyMap<string, StoredKey>; readMs: number } = { keys: new Map(), readMs: -Infinity };
  #reading: Promise<void> | null = null;

  /** `given`: whole keys, which may do everything. */
  constructor(redis: Client, given: readonly string[]) {
    this.#redis = redis;
    this.#given = new Map(given.map((secret) => [idOf(secret), givenKey(secret)]));
  }

  /** Whether a key is needed. @throws OnecycleError `unavailable` */
  async closed(): Promise<boolean> {
    if (this.#given.size > 0) return true;
    await this.#refresh();
    return this.#stored.keys.size > 0;
  }

  /** Who a key is; null where it is none, or is no longer one. @throws OnecycleError `unavailable` */
  async identify(secret: string): Promise<Identity | null> {
    const found = await this.#find(idOf(secret));
    return found && isSecret(secret, found.hash) ? { key: found.key.id, scopes: found.key.scopes } : null;
  }

  /** Whether whoever was let in before still is. @throws OnecycleError `unavailable` */
  async holds({ key }: Identity): Promise<boolean> {
    return key === null ? !(await this.closed()) : (await this.#find(key)) !== null;
  }

  /** Makes a key; `secret` is told this once. */
  create(request: NewKey): Promise<{ key: ApiKey; secret: string }> {
    return answered(async () => {
      const { id, secret } = newSecret();
      const key: ApiKey = { id, object: 'key', ...complete(NewKey, request), created_at: new Date().toISOString() };
      const stored: StoredKey = { key, hash: hashOf(secret) };
      await this.#redis.hset(keys.apiKeys, id, JSON.stringify(stored));
      this.#stored.readMs = -Infinity;
      return { key, secret };
    });
  }

  /** Those that were made, the oldest first; expired ones too, until they are revoked. */
  list(): Promise<ApiKey[]> {
    return answered(async () =>
      (await this.#redis.hvals(keys.apiKeys))
        .map((json) => (JSON.parse(json) as StoredKey).key)
        .sort((a, b) => a.created_at.localeCompare(b.created_at)),
    );
  }

  /** @throws OnecycleError `key_not_found` */
  revoke(id: string): Promise<void> {
    return answered(async () => {
      if ((await this.#redis.hdel(keys.apiKeys, id)) === 0)
        throw new OnecycleError('key_not_found', `There is no key ${id}.`);
      this.#stored.readMs = -Infinity;
    });
  }

  /** What a browser opens one stream with, in place of the key, which must not stand in an address. */
  ticket(identity: Identity): Promise<{ ticket: string; expires_at: string }> {
    return answered(async () => {
      const ticket = newToken();
      await this.#redis.set(keys.ticket(hashOf(ticket)), JSON.stringify(identity), 'PX', ticketMs);
      return { ticket, expires_at: new Date(Date.now() + ticketMs).toISOString() };
    });
  }

  /** Who a ticket was given to, once; null where it is none, or was used, or its key is no longer one. */
  async redeem(ticket: string): Promise<Identity | null> {
    const json = await answered(() => this.#redis.getdel(keys.ticket(hashOf(ticket))));
    const identity = json === null ? null : (JSON.parse(json) as Identity);
    return identity && (await this.holds(identity)) ? identity : null;
  }

  async #find(id: string): Promise<StoredKey | null> {
    const given = this.#given.get(id);
    if (given) return given;
    await this.#refresh();
    const found = this.#stored.keys.get(id);
    const expires = found?.key.expires_at ?? null;
    return found && (expires === null || Date.parse(expires) > Date.now()) ? found : null;
  }

  async #refresh(): Promise<void> {
    if (performance.now() - this.#stored.readMs < freshMs) return;
    this.#reading ??= answered(async () => {
      const readMs = performance.now();
      const stored = Object.values(await this.#redis.hgetall(keys.apiKeys)).map(
        (json) => JSON.parse(json) as StoredKey,
      );
      this.#stored = { keys: new Map(stored.map((each) => [each.key.id, each])), readMs };
    }).finally(() => (this.#reading = null));
    await this.#reading;
  }
}

const givenKey = (secret: string): StoredKey => ({
  key: {
    id: idOf(secret),
    object: 'key',
    name: 'ONECYCLE_API_KEYS',
    scopes: ['admin'],
    created_at: new Date(0).toISOString(),
    expires_at: null,
  },
  hash: hashOf(secret),
});
