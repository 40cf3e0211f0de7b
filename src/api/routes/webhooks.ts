/** Webhooks: making them, what became of their deliveries, trying again. */
import { Type } from 'typebox';
import { OnecycleError } from '../../errors.js';
import { Delivery, deliveryStatuses, Webhook } from '../../jobs/webhooks/webhook.js';
import { defaulted, oneOf, strict, Whole } from '../../schema/fields.js';
import { NewWebhook } from '../../schema/webhook.js';
import { answers, bodyErrors, noBody } from '../schemas/answers.js';
import { query } from '../schemas/params.js';
import { whyNotTo } from '../webhooks/check-url.js';
import type { App, Context } from './context.js';

const tags = ['webhooks'];
const Body = strict(NewWebhook.properties, {
  title: 'NewWebhook',
  examples: [{ url: 'https://hooks.example.com/onecycle', events: ['job.completed', 'job.failed'] }],
});
const MadeWebhook = Type.Object(
  {
    ...Webhook.properties,
    secret: Type.String({ description: 'What deliveries are signed with, `whsec_…`. It is told this once' }),
  },
  { title: 'MadeWebhook', description: 'A webhook with its secret' },
);
const WebhookList = Type.Object({ object: Type.Literal('list'), data: Type.Array(Webhook) }, { title: 'WebhookList' });
const DeliveryList = Type.Object(
  { object: Type.Literal('list'), data: Type.Array(Delivery) },
  { title: 'DeliveryList' },
);
const Replayed = Type.Object({ replayed: Whole('Deliveries that are tried again') }, { title: 'Replayed' });
const WebhookId = Type.Object({ id: Type.String({ description: 'Id of the webhook', examples: ['wh_8fK2'] }) });
const DeliveryId = Type.Object({
  ...WebhookId.properties,
  delivery: Type.String({ description: 'Id of the delivery', examples: ['msg_wh_8fK2_job_8fK2_12'] }),
});
const Page = query({
  status: defaulted(oneOf(deliveryStatuses, { description: 'Those of this status' }), 'dead'),
  limit: defaulted(Type.Integer({ minimum: 1, maximum: 1000, description: 'Deliveries, the latest ones' }), 100),
});

/** All of them. */
export function webhookRoutes(app: App, { jobs, config }: Context): void {
  app.post(
    '/webhooks',
    {
      schema: {
        tags,
        operationId: 'createWebhook',
        summary: 'Be told of jobs by POST requests',
        description:
          'Requests tell of all jobs; a job’s own field `webhooks` has those of one. They are signed by [Standard Webhooks](https://www.standardwebhooks.com), and repeated for 72 hours until ' +
          'they are answered with 2xx. `url` may lead to no private address unless `ONECYCLE_WEBHOOK_ALLOW` allows it; its name ' +
          'must exist, or be one that cannot be looked up for the moment.',
        body: Body,
        response: answers({ 201: MadeWebhook }, ...bodyErrors, 'unavailable'),
      },
    },
    async (request, reply) => {
      const detail = await whyNotTo(request.body.url, config.webhooks);
      if (detail !== null) throw new OnecycleError('invalid_request', detail, [{ pointer: '/url', detail }]);
      const { webhook, secret } = await jobs.webhooks.create(request.body, request.identity.tenant);
      request.log.info({ webhook: webhook.id }, 'webhook made');
      return reply.status(201).send({ ...webhook, secret });
    },
  );

  app.get(
    '/webhooks',
    {
      schema: {
        tags,
        operationId: 'listWebhooks',
        summary: 'The webhooks, without those of single jobs: their records have these',
        response: answers({ 200: WebhookList }, 'unavailable'),
      },
    },
    async ({ identity }) => ({ object: 'list' as const, data: await jobs.webhooks.list(identity.tenant) }),
  );

  app.get(
    '/webhooks/:id',
    {
      schema: {
        tags,
        operationId: 'getWebhook',
        summary: 'A webhook',
        params: WebhookId,
        response: answers({ 200: Webhook }, 'webhook_not_found', 'unavailable'),
      },
    },
    (request) => jobs.webhooks.get(request.params.id),
  );

  app.delete(
    '/webhooks/:id',
    {
      schema: {
        tags,
        operationId: 'deleteWebhook',
        summary: 'Delete a webhook',
        description: 'What was not delivered yet never is.',
        params: WebhookId,
        response: answers({ 204: noBody('The webhook is deleted') }, 'webhook_not_found', 'unavailable'),
      },
    },
    async (request, reply) => {
      await jobs.webhooks.remove(request.params.id);
      return reply.status(204).send();
    },
  );

  app.post(
    '/webhooks/:id/test',
    {
      schema: {
        tags,
        operationId: 'testWebhook',
        summary: 'Send a webhook a test',
        description: 'An event `webhook.test`, delivered as any other.',
        params: WebhookId,
        response: answers({ 202: Delivery }, ...bodyErrors, 'webhook_not_found', 'unavailable'),
      },
    },
    async (request, reply) => reply.status(202).send(await jobs.webhooks.test(request.params.id)),
  );

  app.get(
    '/webhooks/:id/deliveries',
    {
      schema: {
        tags,
        operationId: 'listDeliveries',
        summary: 'Deliveries of a webhook: those that were given up, that wait, or that arrived',
        description: 'The last 100 that arrived are kept, and the last 1,000 that were given up.',
        params: WebhookId,
        querystring: Page,
        response: answers({ 200: DeliveryList }, 'invalid_request', 'webhook_not_found', 'unavailable'),
      },
    },
    async ({ params, query: { status, limit } }) => ({
      object: 'list' as const,
      data: await jobs.webhooks.deliveries(params.id, status, limit),
    }),
  );

  const replay = { tags, response: answers({ 200: Replayed }, ...bodyErrors, 'webhook_not_found', 'unavailable') };
  app.post(
    '/webhooks/:id/replay',
    {
      schema: {
        ...replay,
        operationId: 'replayDeliveries',
        summary: 'Try again all deliveries that were given up',
        params: WebhookId,
      },
    },
    async ({ params }) => ({ replayed: await jobs.webhooks.replay(params.id, null) }),
  );
  app.post(
    '/webhooks/:id/deliveries/:delivery/replay',
    {
      schema: {
        ...replay,
        operationId: 'replayDelivery',
        summary: 'Try again a delivery that was given up',
        params: DeliveryId,
      },
    },
    async ({ params }) => ({ replayed: await jobs.webhooks.replay(params.id, params.delivery) }),
  );
}
