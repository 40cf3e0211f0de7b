/** Whose jobs, data and models they are. */
import { Type } from 'typebox';

/** Who has no other: its ids and its keys in Redis are those of a service without tenants. */
export const defaultTenant = 'default';

/** A tenant's name, as text for a pattern: it is part of keys in Redis and of ids, so that it has neither `:` nor `_`. */
export const tenantPattern = '[a-z0-9][a-z0-9-]{0,62}';

/** A tenant's name. */
export const TenantName = (description: string) =>
  Type.String({ pattern: `^${tenantPattern}$`, description, examples: ['acme'] });
