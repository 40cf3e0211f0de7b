/**
 * Who may use the service: keys and tickets. A process looks at the stored keys at most twice a second, so that one
 * that is revoked works nowhere a second later.
 */
import type { JobLimits } from '../../config.js';
import { OnecycleError } from '../../errors.js';
import { complete } from '../../schema/complete.js';
import type { KeyLimits, TenantLimits } from '../../schema/limits.js';
import type { Scope } from '../../schema/scopes.js';
import { defaultTenant } from '../../schema/tenant.js';
import { answered } from '../answered.js';
import type { Poster } from '../create.js';
import type { Owner } from '../quota.js';
import type { Client } from '../redis/client.js';
import { keys, newToken } from '../redis/keys.js';
import { OpenStreams } from './open-streams.js';
import { hashOf, idOf, isSecret, newSecret, NewKey, type ApiKey, type KeyRecord } from './api-key.js';
import { usageOf } from './usage.js';

/** Who asks. */
export interface Identity {
  /** The key's id; null where the service is open to whoever reaches it. */
  key: string | null;
  /** Whose jobs, data and models they work with. */
  tenant: string;
  scopes: readonly Scope[];
}

/** A stored key. */
interface StoredKey {
  key: KeyRecord;
  /** Of its secret. */
  hash: string;
}

/** What was stored when last looked at. */
interface Stored {
  keys: ReadonlyMap<string, StoredKey>;
  limits: ReadonlyMap<string, TenantLimits>;
  readMs: number;
}

/** How long a look at the stored keys holds. */
const freshMs = 500;
/** Of no key. */
const noHash = hashOf('');
/** How long a ticket may be redeemed. */
const ticketMs = 30_000;

/** The keys of a service: those of its configuration, which cannot be revoked, and those that were made. */
export class Access {
  readonly #redis: Client;
  readonly #given: ReadonlyMap<string, StoredKey>;
  readonly #limits: Pick<JobLimits, 'tenant' | 'key'>;
  #stored: Stored = { keys: new Map(), limits: new Map(), readMs: -Infinity };
  #reading: Promise<void> | null = null;
  /** How many streams are open. */
  readonly streams: OpenStreams;

  /** `given`: whole keys, which may do everything that their tenants may; `TENANT:KEY` where that is not the default. */
  constructor(redis: Client, given: readonly string[], limits: Pick<JobLimits, 'tenant' | 'key'>) {
    this.#redis = redis;
    this.streams = new OpenStreams(redis);
    this.#limits = limits;
    this.#given = new Map(given.map(givenKey).map((stored) => [stored.key.id, stored]));
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
    // Whether there is a key of that id takes as long to say.
    const right = isSecret(secret, found?.hash ?? noHash);
    if (!found || !right) return null;
    const { id, tenant, scopes } = found.key;
    return { key: id, tenant, scopes };
  }

  /** Whether whoever was let in before still is. @throws OnecycleError `unavailable` */
  async holds({ key }: Identity): Promise<boolean> {
    return key === null ? !(await this.closed()) : (await this.#find(key)) !== null;
  }

  /** Makes a key, of the default tenant unless it is said otherwise; `secret` is told this once. */
  create(request: NewKey): Promise<{ key: ApiKey; secret: string }> {
    return answered(async () => {
      const { id, secret } = newSecret();
      const { name, tenant = defaultTenant, limits = {}, ...rest } = complete(NewKey, request);
      const created_at = new Date().toISOString();
      const key: KeyRecord = { id, object: 'key', name, tenant, ...rest, created_at, limits };
      // From then on tenants take turns.
      if (tenant !== defaultTenant) await this.#redis.sadd(keys.tenants, tenant);
      await this.#redis.hset(keys.apiKeys, id, JSON.stringify({ ...key, hash: hashOf(secret) }));
      this.look();
      return { key: (await this.#shown([key]))[0], secret };
    });
  }

  /** Those that were made, of all tenants, the oldest first; expired ones too, until they are revoked. */
  list(): Promise<ApiKey[]> {
    return answered(async () => {
      const found = (await this.#redis.hvals(keys.apiKeys)).map((json) => decode(json).key);
      return this.#shown(found.sort((a, b) => a.created_at.localeCompare(b.created_at)));
    });
  }

  /** Whose a key is that was made; null where there is none. */
  tenantOf(id: string): Promise<string | null> {
    return answered(async () => {
      const json = await this.#redis.hget(keys.apiKeys, id);
      return json === null ? null : decode(json).key.tenant;
    });
  }

  /** @throws OnecycleError `key_not_found` */
  revoke(id: string): Promise<void> {
    return answered(async () => {
      if ((await this.#redis.hdel(keys.apiKeys, id)) === 0)
        throw new OnecycleError('key_not_found', `There is no key ${id}.`);
      this.look();
    });
  }

  /** What is stored has changed: the next one who asks is told by what is there now. */
  look(): void {
    this.#stored = { ...this.#stored, readMs: -Infinity };
  }

  /** What somebody may take; nothing is limited without a key. @throws OnecycleError `unavailable` */
  async limitsOf({ key, tenant }: Identity): Promise<{ tenant: TenantLimits; key: KeyLimits }> {
    if (key === null) return { tenant: {}, key: {} };
    await this.#refresh();
    return {
      tenant: { ...this.#limits.tenant, ...this.#stored.limits.get(tenant) },
      key: { ...this.#limits.key, ...this.#stored.keys.get(key)?.key.limits },
    };
  }

  /** What somebody posts jobs as. */
  async posterOf(identity: Identity): Promise<Poster> {
    const { tenant, key } = await this.limitsOf(identity);
    return {
      tenant: identity.tenant,
      key: identity.key,
      queued: { tenant: tenant.queued ?? null, key: key.queued ?? null },
      running: { tenant: tenant.running ?? null, key: key.running ?? null },
    };
  }

  /** What somebody uploads as. */
  async ownerOf(identity: Identity): Promise<Owner> {
    const { tenant, key } = await this.limitsOf(identity);
    const bytes = { tenant: tenant.stored_bytes ?? null, key: key.stored_bytes ?? null };
    return { tenant: identity.tenant, key: identity.key, bytes };
  }

  /** What is asked for within a window of time, over all API processes. */
  hit(name: string, windowMs: number): Promise<{ current: number; ttl: number }> {
    return answered(async () => {
      const [current, ttl] = (await this.#redis.countHit(1, keys.hits(name), windowMs)) as [number, number];
      return { current, ttl };
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

  /** As they are told: with what they may take, and take. */
  async #shown(found: readonly KeyRecord[]): Promise<ApiKey[]> {
    const usage = await usageOf(
      this.#redis,
      found.map(({ id }) => id),
    );
    return found.map((key, i) => ({ ...key, limits: { ...this.#limits.key, ...key.limits }, usage: usage[i] }));
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
      const [made, limits] = await Promise.all([
        this.#redis.hgetall(keys.apiKeys),
        this.#redis.hgetall(keys.tenantLimits),
      ]);
      const stored = Object.values(made).map(decode);
      this.#stored = {
        keys: new Map(stored.map((each) => [each.key.id, each])),
        limits: new Map(Object.entries(limits).map(([name, json]) => [name, JSON.parse(json) as TenantLimits])),
        readMs,
      };
    }).finally(() => (this.#reading = null));
    await this.#reading;
  }
}

/** Keys of earlier versions are without a tenant, or without limits. */
function decode(json: string): StoredKey {
  const { hash, ...key } = JSON.parse(json) as Omit<KeyRecord, 'tenant' | 'limits'> &
    Partial<KeyRecord> & { hash: string };
  return { key: { ...key, tenant: key.tenant ?? defaultTenant, limits: key.limits ?? {} }, hash };
}

function givenKey(text: string): StoredKey {
  const [secret = '', tenant = defaultTenant] = text.split(':').reverse();
  const key: KeyRecord = {
    id: idOf(secret),
    object: 'key',
    name: 'ONECYCLE_API_KEYS',
    tenant,
    scopes: ['admin'],
    created_at: new Date(0).toISOString(),
    expires_at: null,
    limits: {},
  };
  return { key, hash: hashOf(secret) };
}
