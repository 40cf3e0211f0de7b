/** A webhook and its deliveries, as clients see them. Pure. */
import { Type, type Static } from 'typebox';
import { MaybeTime, nullable, oneOf, optional, Time, Whole } from '../../schema/fields.js';
import { WebhookEvent } from '../../schema/webhook.js';

/** A webhook, without its secret. */
export const Webhook = Type.Object(
  {
    id: Type.String({ examples: ['wh_8fK2'] }),
    object: Type.Literal('webhook'),
    url: Type.String({ description: 'Where deliveries are posted' }),
    events: Type.Array(WebhookEvent, { description: 'What it is told of' }),
    job: nullable(Type.String(), {
      description: 'The job that named it, whose events alone it is told of; null if it is told of those of all jobs',
    }),
    enabled: Type.Boolean({
      description: 'False once the receiver has answered 410 (gone): nothing is delivered any more',
    }),
    created_at: Time('When it was made'),
    pending: Whole('Deliveries that wait for their first or next attempt'),
    dead: Whole('Deliveries that were given up; they can be replayed'),
  },
  { title: 'Webhook' },
);
/** As the schema says. */
export type Webhook = Static<typeof Webhook>;

/** A webhook as the record of its job has it. */
export const JobWebhook = Type.Object(
  {
    id: Type.String({ description: 'For `/webhooks/:id` and what is below it', examples: ['wh_8fK2_0'] }),
    url: Webhook.properties.url,
    events: Webhook.properties.events,
    enabled: Webhook.properties.enabled,
    secret: optional(
      Type.String({
        description:
          'What deliveries are signed with, `whsec_…`. It is told once, in the response to the request that posts the job, ' +
          'if that named none',
      }),
    ),
  },
  { title: 'JobWebhook', description: 'A URL that is told of what happens to the job' },
);
/** As the schema says. */
export type JobWebhook = Static<typeof JobWebhook>;

/** Where a delivery may be. */
export const deliveryStatuses = ['pending', 'delivered', 'dead'] as const;

/** One of these. */
export const DeliveryStatus = oneOf(deliveryStatuses, {
  title: 'DeliveryStatus',
  description: '`pending`: it waits for its first or next attempt; `dead`: it was given up, and can be replayed',
});
/** As the schema says. */
export type DeliveryStatus = Static<typeof DeliveryStatus>;

/** One event on its way to one webhook. */
export const Delivery = Type.Object(
  {
    id: Type.String({ description: 'The header `webhook-id`: the same in every attempt' }),
    object: Type.Literal('delivery'),
    event: Type.String({ description: 'What it tells of: an event, or `webhook.test`' }),
    job: nullable(Type.String(), { description: 'The job that it is about; null for a test' }),
    status: DeliveryStatus,
    attempts: Whole('Attempts so far, since it was last replayed'),
    response: nullable(Type.Integer(), { description: 'HTTP status of the last attempt; null without a response' }),
    error: nullable(Type.String(), { description: 'Why the last attempt failed; null if it did not' }),
    created_at: Time('When it happened'),
    next_attempt_at: MaybeTime('When it is tried again; null if it is not'),
  },
  { title: 'Delivery' },
);
/** As the schema says. */
export type Delivery = Static<typeof Delivery>;

/** As it is stored; `tenant` says whose jobs it hears of, `job` of which one alone. */
export interface StoredWebhook extends Omit<Webhook, 'pending' | 'dead' | 'job'> {
  job?: string;
  tenant: string;
  secret: string;
}

/** What is stored of a delivery; the scripts write it. */
export interface StoredDelivery {
  event: string;
  job?: string;
  status: DeliveryStatus;
  attempts: number;
  response?: number;
  error?: string;
  created_ms: number;
}

/** A delivery that is to be attempted now. `data`: JSON. */
export interface DueDelivery {
  webhook: StoredWebhook;
  id: string;
  state: StoredDelivery;
  data: string;
}
