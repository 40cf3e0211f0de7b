/**
 * Keeps tenants apart, in one place for all routes: what an address names is another tenant's, and so not there. A route
 * whose parameter is not known here keeps the service from starting.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { OnecycleError, type ErrorCode } from '../../errors.js';
import type { Identity, Jobs } from '../../jobs/index.js';
import { defaultTenant } from '../../schema/tenant.js';
import { tenantOfUpload } from '../datasets/upload-id.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route is about the service itself, and not about what tenants have there. */
    service?: boolean;
  }
}

type Owners = Pick<Jobs, 'tenantOf' | 'tenantOfModel' | 'datasets' | 'access' | 'webhooks'>;

/** What a parameter names: whose it is (null: there is none, as the route says), and what is said where it is another's. */
interface Named {
  /** The address up to the parameter. */
  at: string;
  owner: (jobs: Owners, id: string) => string | null | Promise<string | null>;
  code: ErrorCode;
  what: string;
}

const named: readonly Named[] = [
  { at: '/jobs/:id', owner: (jobs, id) => jobs.tenantOf(id), code: 'job_not_found', what: 'job' },
  {
    at: '/datasets/uploads/:upload',
    owner: (_, id) => tenantOfUpload(id),
    code: 'dataset_not_found',
    what: 'upload',
  },
  {
    at: '/datasets/:id',
    owner: ({ datasets }, id) => datasets.tenantOf(id),
    code: 'dataset_not_found',
    what: 'data set',
  },
  { at: '/models/:id', owner: (jobs, id) => jobs.tenantOfModel(id), code: 'model_not_found', what: 'model' },
  { at: '/keys/:id', owner: ({ access }, id) => access.tenantOf(id), code: 'key_not_found', what: 'key' },
  {
    at: '/webhooks/:id',
    owner: ({ webhooks }, id) => webhooks.tenantOf(id),
    code: 'webhook_not_found',
    what: 'webhook',
  },
  { at: '/workers/:id', owner: () => defaultTenant, code: 'worker_not_found', what: 'worker' },
  { at: '/tenants/:name', owner: (_, name) => name, code: 'tenant_not_found', what: 'tenant' },
];

/** Whether somebody administers the service, and not one tenant's things alone. */
export const isOperator = ({ tenant, scopes }: Identity): boolean =>
  tenant === defaultTenant && scopes.includes('admin');

/** Whether somebody may administer what is whose. */
const administers = (identity: Identity, at: string): boolean =>
  isOperator(identity) && (at === '/keys/:id' || at === '/tenants/:name');

/** Refuses what is another tenant's. Comes after whoever asks is known. */
export default fp(function tenants(app: FastifyInstance, { jobs }: { jobs: Owners }, done) {
  app.addHook('onRoute', ({ url }) => {
    if (url.includes(':') && !namedBy(url))
      throw new Error(`${url}: plugins/tenants.ts must say whose things its parameter names.`);
  });
  app.addHook('onRequest', async (request) => {
    const { url = '', config } = request.routeOptions;
    const name = namedBy(url);
    if (name) await check(request, name);
    if (config.service && request.identity.tenant !== defaultTenant)
      throw new OnecycleError('not_allowed', 'This is for whoever operates the service: a key of its default tenant.');
  });
  done();

  async function check({ identity, params }: FastifyRequest, { at, owner, code, what }: Named): Promise<void> {
    const id = (params as Record<string, string>)[at.slice(at.lastIndexOf(':') + 1)];
    const tenant = administers(identity, at) ? identity.tenant : await owner(jobs, id);
    if (tenant !== null && tenant !== identity.tenant) throw new OnecycleError(code, `There is no ${what} ${id}.`);
  }
});

/** What a route's parameter names. */
const namedBy = (url: string): Named | undefined => named.find(({ at }) => url === at || url.startsWith(`${at}/`));
