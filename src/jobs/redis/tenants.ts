/** Which tenants there are, and what is whose. */
import { defaultTenant } from '../../schema/tenant.js';
import type { Client } from './client.js';
import { keys } from './keys.js';

/** Every tenant that has, or had, a key or a job; the default one first. */
export const allTenants = async (redis: Client): Promise<string[]> => [
  defaultTenant,
  ...(await redis.smembers(keys.tenants)).sort(),
];

/** Whose a job is; null where there is none. */
export async function tenantOfJob(redis: Client, id: string): Promise<string | null> {
  const [status, tenant] = await redis.hmget(keys.record(id), 'status', '_tenant');
  return status === null ? null : (tenant ?? defaultTenant);
}
