/** Tenants: who there is, and what each may take. */
import { Type } from 'typebox';
import { OnecycleError } from '../../errors.js';
import { Tenant } from '../../jobs/tenants.js';
import { TenantLimits } from '../../schema/limits.js';
import { TenantName } from '../../schema/tenant.js';
import { isOperator } from '../plugins/tenants.js';
import { answers, bodyErrors } from '../schemas/answers.js';
import type { App, Context } from './context.js';

const tags = ['tenants'];
const config = { scope: 'admin' } as const;
const Name = Type.Object({ name: TenantName('Its name') });
const TenantList = Type.Object({ object: Type.Literal('list'), data: Type.Array(Tenant) }, { title: 'TenantList' });

/** Listing, reading and limiting tenants. */
export function tenantRoutes(app: App, { jobs }: Context): void {
  app.get(
    '/tenants',
    {
      config,
      schema: {
        tags,
        operationId: 'listTenants',
        summary: 'The tenants: all of them for a key of the default one, else its own',
        response: answers({ 200: TenantList }, 'unavailable'),
      },
    },
    async ({ identity }) => ({
      object: 'list' as const,
      data: (await jobs.tenants.list()).filter(({ name }) => isOperator(identity) || name === identity.tenant),
    }),
  );

  app.get(
    '/tenants/:name',
    {
      config,
      schema: {
        tags,
        operationId: 'getTenant',
        summary: 'A tenant: what it may take, and takes',
        params: Name,
        response: answers({ 200: Tenant }, 'invalid_request', 'tenant_not_found', 'unavailable'),
      },
    },
    async ({ params: { name } }) => {
      const tenant = await jobs.tenants.get(name);
      if (!tenant) throw new OnecycleError('tenant_not_found', `There is no tenant ${name}.`);
      return tenant;
    },
  );

  app.put(
    '/tenants/:name',
    {
      config: { ...config, service: true },
      schema: {
        tags,
        operationId: 'setTenant',
        summary: 'Set what a tenant may take',
        description:
          'Replaces what was set before; what is left out is as `ONECYCLE_TENANT_LIMITS` says. Within a second it holds ' +
          'everywhere. Needs a key of the default tenant. The tenant need not have a key yet.',
        params: Name,
        body: TenantLimits,
        response: answers({ 200: Tenant }, ...bodyErrors, 'tenant_not_found', 'unavailable'),
      },
    },
    async (request) => {
      const tenant = await jobs.tenants.set(request.params.name, request.body);
      request.log.info({ tenant: tenant.name, limits: request.body }, 'tenant limited');
      return tenant;
    },
  );
}
