/** The tenants of a service: what each may take, and takes. */
import { Type, type Static } from 'typebox';
import { answered } from './answered.js';
import type { Client } from './redis/client.js';
import { keys } from './redis/keys.js';
import { answers } from './redis/records.js';
import { allTenants } from './redis/tenants.js';
import { TenantLimits } from '../schema/limits.js';
import { defaultTenant, TenantName } from '../schema/tenant.js';
import { Whole } from '../schema/fields.js';

/** A tenant, as it is answered. */
export const Tenant = Type.Object(
  {
    name: TenantName('Its name'),
    object: Type.Literal('tenant'),
    limits: Type.Object(TenantLimits.properties, {
      description: 'What it may take: as it was set, else as ONECYCLE_TENANT_LIMITS says',
    }),
    usage: Type.Object(
      {
        queued: Whole('Jobs that are queued or wait for their finders'),
        running: Whole('Jobs that run'),
        stored_bytes: Whole('Bytes of data sets and models'),
      },
      { description: 'What it takes' },
    ),
  },
  { title: 'Tenant', description: 'Whose jobs, data sets and models are kept apart from those of others' },
);
/** As the schema says. */
export type Tenant = Static<typeof Tenant>;

/** Reads and limits them. */
export class Tenants {
  constructor(
    private readonly redis: Client,
    private readonly limits: TenantLimits,
    /** Is told that something was set. */
    private readonly onSet: () => void,
  ) {}

  /** All of them, the default one first. */
  list(): Promise<Tenant[]> {
    return answered(async () => Promise.all((await allTenants(this.redis)).map((name) => this.#read(name))));
  }

  /** null where there is none. */
  get(name: string): Promise<Tenant | null> {
    return answered(async () => {
      const known = name === defaultTenant || (await this.redis.sismember(keys.tenants, name)) === 1;
      return known ? this.#read(name) : null;
    });
  }

  /** Sets what a tenant may take, which need not be there yet; what is left out is as the configuration says. */
  set(name: string, limits: TenantLimits): Promise<Tenant> {
    return answered(async () => {
      if (name !== defaultTenant) await this.redis.sadd(keys.tenants, name);
      await this.redis.hset(keys.tenantLimits, name, JSON.stringify(limits));
      this.onSet();
      return this.#read(name);
    });
  }

  async #read(name: string): Promise<Tenant> {
    const pipeline = this.redis.pipeline().hget(keys.tenantLimits, name).hget(keys.tenantBytes, name);
    for (const status of ['queued', 'waiting', 'running', 'pausing'] as const) pipeline.zcard(keys.index(status, name));
    const [set, bytes, ...counts] = await answers<string | number | null>(pipeline);
    const [queued, waiting, running, pausing] = counts.map(Number);
    return {
      name,
      object: 'tenant',
      limits: { ...this.limits, ...(JSON.parse(String(set ?? '{}')) as TenantLimits) },
      usage: { queued: queued + waiting, running: running + pausing, stored_bytes: Math.max(0, Number(bytes)) },
    };
  }
}
