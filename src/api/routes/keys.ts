/** Keys, and the tickets that browsers open streams with. */
import { Type } from 'typebox';
import { ApiKey, NewKey } from '../../jobs/access/api-key.js';
import { OnecycleError } from '../../errors.js';
import { Time } from '../../schema/fields.js';
import { isOperator } from '../plugins/tenants.js';
import { answers, bodyErrors, noBody } from '../schemas/answers.js';
import type { App, Context } from './context.js';

const tags = ['keys'];
const config = { scope: 'admin' } as const;

const MadeKey = Type.Object(
  { ...ApiKey.properties, key: Type.String({ description: 'The key itself. It is told this once' }) },
  { title: 'MadeKey', description: 'A key with its secret' },
);
const KeyList = Type.Object({ object: Type.Literal('list'), data: Type.Array(ApiKey) }, { title: 'KeyList' });
const Ticket = Type.Object(
  {
    ticket: Type.String({ description: 'For `?ticket=` of one request, in place of a key' }),
    expires_at: Time('Until when it can be used'),
  },
  { title: 'Ticket' },
);
const KeyId = Type.Object({ id: Type.String({ description: 'Id of the key', examples: ['oc_8fK2x0Pq'] }) });

/** Making, listing and revoking keys; tickets. */
export function keyRoutes(app: App, { jobs }: Context): void {
  app.post(
    '/keys',
    {
      config,
      schema: {
        tags,
        operationId: 'createKey',
        summary: 'Make a key',
        description:
          'With the first key the service closes: from then on every request needs one. Make the first one with the ' +
          'scope `admin`, or nobody can make or revoke others. A key of the default tenant makes keys of any tenant, any ' +
          'other of its own.',
        body: NewKey,
        response: answers({ 201: MadeKey }, ...bodyErrors, 'unavailable'),
      },
    },
    async (request, reply) => {
      const { identity, body } = request;
      const { tenant = identity.tenant } = body;
      if (tenant !== identity.tenant && !isOperator(identity))
        throw new OnecycleError('not_allowed', `This key makes keys of its own tenant, ${identity.tenant}, alone.`);
      const { key, secret } = await jobs.access.create({ ...body, tenant });
      request.log.info({ key: key.id, tenant, scopes: key.scopes }, 'key made');
      return reply.status(201).send({ ...key, key: secret });
    },
  );

  app.get(
    '/keys',
    {
      config,
      schema: {
        tags,
        operationId: 'listKeys',
        summary: 'The keys that were made: of all tenants for a key of the default one, else of its own',
        response: answers({ 200: KeyList }, 'unavailable'),
      },
    },
    async ({ identity }) => ({
      object: 'list' as const,
      data: (await jobs.access.list()).filter(({ tenant }) => isOperator(identity) || tenant === identity.tenant),
    }),
  );

  app.delete(
    '/keys/:id',
    {
      config,
      schema: {
        tags,
        operationId: 'revokeKey',
        summary: 'Revoke a key',
        description: 'Within a second it works nowhere, and the streams that were opened with it are closed.',
        params: KeyId,
        response: answers({ 204: noBody('The key is revoked') }, 'key_not_found', 'unavailable'),
      },
    },
    async (request, reply) => {
      await jobs.access.revoke(request.params.id);
      request.log.info({ key: request.params.id }, 'key revoked');
      return reply.status(204).send();
    },
  );

  app.post(
    '/tickets',
    {
      config: { scope: 'read' },
      schema: {
        tags,
        operationId: 'createTicket',
        summary: 'A ticket for one stream',
        description:
          'A page in a browser cannot send a key with a WebSocket or an EventSource. It opens them with `?ticket=`, ' +
          'once, within half a minute.',
        response: answers({ 201: Ticket }, 'unavailable'),
      },
    },
    async (request, reply) => reply.status(201).send(await jobs.access.ticket(request.identity)),
  );
}
